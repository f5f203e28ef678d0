# Of each value of an enum of refusals or errors, and of each field of a message: its name and the comment before it, as a row of
# message_rules (messages.h).
function row(name) {
    gsub(/["\\]/, "\\\\&", rule)
    printf "    {\"%s\", \"%s\"},\n", name, rule
}
/^enum ([A-Za-z]*Refusal|ErrorCode) \{/ { inside = 1; prefix = ""; rule = ""; next }
/^message [A-Za-z]+ \{/ { inside = 2; prefix = $2 "."; rule = ""; next }
/^}/ { inside = 0 }
inside && /^ *\/\/ / { sub(/^ *\/\/ */, ""); rule = rule (rule == "" ? "" : " ") $0; next }
inside == 1 && /= [1-9]/ { row($1) }
inside == 2 && rule != "" && match($0, /[a-z_0-9]+ = [1-9]/) { row(prefix substr($0, RSTART, RLENGTH - 4)) }
inside { rule = "" }
