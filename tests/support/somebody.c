/* A made-up person: see somebody.h. */
#include "tests/support/somebody.h"

#include "common/text.h"

const Dw__RecordPerson *somebody(const struct id *person_id, const char *council_id)
{
    static struct id id;
    static char council_text[64];
    static Dw__Date born;
    static Dw__PersonDetails details;
    static Dw__PersonFacts facts;
    static Dw__RecordPerson record;
    id = *person_id;
    (void)text_format(council_text, sizeof council_text, "%s", council_id);
    born = (Dw__Date)DW__DATE__INIT;
    born.days = 7000;
    details = (Dw__PersonDetails)DW__PERSON_DETAILS__INIT;
    details.council_id = council_text;
    details.given_name = (char *)(uintptr_t) "Ada";
    details.family_name = (char *)(uintptr_t) "Example";
    details.born = &born;
    facts = (Dw__PersonFacts)DW__PERSON_FACTS__INIT;
    facts.district = 1;
    facts.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    facts.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    facts.sex = DW__SEX__SEX_FEMALE;
    record = (Dw__RecordPerson)DW__RECORD_PERSON__INIT;
    record.person_id = id_to_data(&id);
    record.details = &details;
    record.facts = &facts;
    return &record;
}
