# Of each value of an enum of refusals or errors: its name and the comment before it, as a row of message_rules (messages.h).
/^enum ([A-Za-z]*Refusal|ErrorCode) \{/ { inside = 1; rule = ""; next }
/^}/ { inside = 0 }
inside && /^ *\/\/ / { sub(/^ *\/\/ */, ""); rule = rule (rule == "" ? "" : " ") $0; next }
inside && /= [1-9]/ { gsub(/["\\]/, "\\\\&", rule); printf "    {\"%s\", \"%s\"},\n", $1, rule }
inside { rule = "" }
