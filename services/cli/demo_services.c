/* The demonstration's providers and services: Care4CE and twenty outside organisations, invented but for the first. */
#include "services/cli/demo.h"

#include "common/text.h"

#include <string.h>

const char *const demo_towns[DEMO_TOWNS] = {"Macclesfield", "Crewe",      "Congleton", "Wilmslow",
                                            "Nantwich",     "Sandbach",   "Knutsford", "Alsager",
                                            "Poynton",      "Middlewich", "Handforth"};

const int32_t demo_town_e6[DEMO_TOWNS][2] = {
    {53258700, -2125400}, {53097900, -2441600}, {53162800, -2211700}, {53327500, -2231000},
    {53067000, -2522000}, {53145000, -2362000}, {53302000, -2374000}, {53096000, -2305000},
    {53348000, -2122000}, {53192000, -2444000}, {53349000, -2215000}};

#define NEED(name) (UINT32_C(1) << DW__SUPPORT_REASON__SUPPORT_REASON_##name)
enum {
    NEEDS_LEARNING = NEED(LEARNING_DISABILITY),
    NEEDS_MENTAL = NEED(MENTAL_HEALTH),
    NEEDS_OTHERS = NEED(PHYSICAL_ACCESS_AND_MOBILITY) | NEED(PHYSICAL_PERSONAL_CARE) |
                   NEED(SENSORY_VISUAL) | NEED(SENSORY_HEARING) | NEED(SENSORY_DUAL) |
                   NEED(MEMORY_AND_COGNITION) | NEED(SOCIAL_ISOLATION_OR_OTHER),
    NEEDS_ALL = NEEDS_LEARNING | NEEDS_MENTAL | NEEDS_OTHERS,
};

enum shape { CENTRE, GROUP, CAFE, SKILLS, SOCIAL };
static const struct {
    Dw__ServiceKind kind;
    Dw__ServiceMode mode;
    uint32_t level;
    uint32_t price_pence;
    const char *words;
} shapes[] = {
    [CENTRE] = {DW__SERVICE_KIND__SERVICE_KIND_RESOURCE_CENTRE,
                DW__SERVICE_MODE__SERVICE_MODE_BUILDING, 1, 5750, "resource centre"},
    [GROUP] = {DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP,
               DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY, 2, 4200, "community days"},
    [CAFE] = {DW__SERVICE_KIND__SERVICE_KIND_HEALTH_AND_WELLBEING,
              DW__SERVICE_MODE__SERVICE_MODE_BUILDING, 2, 4550, "wellbeing club"},
    [SKILLS] = {DW__SERVICE_KIND__SERVICE_KIND_TRAINING_AND_SKILLS,
                DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY, 3, 3900, "skills for life"},
    [SOCIAL] = {DW__SERVICE_KIND__SERVICE_KIND_PEER_SUPPORT,
                DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY, 2, 3650, "peer support"},
};

static const struct {
    const char *reference;
    const char *name;
    bool charity;
    enum shape shape;
    uint32_t needs;
    size_t town;
} outside[DEMO_PROVIDERS - 1] = {
    {"ALDERBROOK", "Alderbrook Days", false, GROUP, NEEDS_LEARNING, 0},
    {"BEECHLANE", "Beech Lane Farm", true, SKILLS, NEEDS_LEARNING, 0},
    {"BOLLINHUB", "Bollin Hub", true, CAFE, NEEDS_OTHERS, 0},
    {"CANALSIDE", "Canalside Makers", false, SKILLS, NEEDS_LEARNING, 1},
    {"COPPENHALL", "Coppenhall Company", false, GROUP, NEEDS_LEARNING, 1},
    {"CROSSKEYS", "Cross Keys Club", true, CAFE, NEEDS_OTHERS, 1},
    {"OPENDOOR", "Open Door Together", true, SOCIAL, NEEDS_MENTAL, 1},
    {"DANEVALLEY", "Dane Valley Days", false, GROUP, NEEDS_LEARNING, 2},
    {"DOVEHOUSE", "Dovehouse Friends", true, CAFE, NEEDS_OTHERS, 2},
    {"LINDOW", "Lindow Workshop", false, GROUP, NEEDS_LEARNING, 3},
    {"CARRSIDE", "Carrside Gardens", true, CAFE, NEEDS_OTHERS, 3},
    {"WEAVERSIDE", "Weaverside", false, GROUP, NEEDS_LEARNING, 4},
    {"SALTWAY", "Saltway Circle", true, CAFE, NEEDS_OTHERS, 5},
    {"ELWORTH", "Elworth Yard", false, GROUP, NEEDS_LEARNING, 5},
    {"TATTONGATE", "Tatton Gate", false, GROUP, NEEDS_LEARNING, 6},
    {"MERELINKS", "Mere Links", true, SOCIAL, NEEDS_MENTAL, 0},
    {"HOLLYBUSH", "Hollybush Lane", true, GROUP, NEEDS_LEARNING, 7},
    {"LYMEVIEW", "Lyme View Days", false, GROUP, NEEDS_LEARNING, 8},
    {"WHEELOCK", "Wheelock Trust", true, GROUP, NEEDS_LEARNING | NEEDS_OTHERS, 9},
    {"BRIDGEEND", "Bridge End Centre", true, CENTRE, NEEDS_ALL, 10},
};

static void add_service(struct demo_plan *plan, struct ids *ids, size_t provider, enum shape shape,
                        uint32_t needs, size_t town)
{
    struct demo_service *service = &plan->services[plan->services_count++];
    service->id = ids_next(ids, 0);
    for (size_t at = 0; at < DEMO_DAYS; at++)
        service->session_ids[at] = ids_next(ids, 0);
    for (size_t at = 0; at < 1 + DEMO_DAYS; at++)
        service->command_ids[at] = ids_next(ids, 0);
    service->provider = provider;
    service->kind = shapes[shape].kind;
    service->mode = shapes[shape].mode;
    service->level = shapes[shape].level;
    service->needs = needs;
    service->town = town;
    service->price_pence =
        shapes[shape].price_pence + (uint32_t)(provider == 0 ? 0 : provider * 37 % 9 * 50);
    (void)text_format(service->reference, sizeof service->reference, "%.24s-%zu",
                      plan->providers[provider].reference, plan->services_count);
    (void)text_format(service->name, sizeof service->name, "%s %s, %s",
                      plan->providers[provider].name, shapes[shape].words, demo_towns[town]);
}

static void add_provider(struct demo_plan *plan, struct ids *ids, size_t at, const char *reference,
                         const char *name)
{
    struct demo_provider *provider = &plan->providers[at];
    provider->id = ids_next(ids, 0);
    provider->contract_id = ids_next(ids, 0);
    provider->command_ids[0] = ids_next(ids, 0);
    provider->command_ids[1] = ids_next(ids, 0);
    provider->reference = reference;
    provider->name = name;
    provider->kind = DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE;
    provider->contract = DW__CONTRACT_KIND__CONTRACT_KIND_BLOCK;
}

void demo_make_services(struct demo_plan *plan, struct ids *ids)
{
    static const size_t centres[] = {0, 1, 2, 3, 4, 5, 6};
    static const size_t communities[] = {0, 1, 2};
    add_provider(plan, ids, 0, "CARE4CE", "Care4CE");
    for (size_t at = 0; at < sizeof centres / sizeof centres[0]; at++)
        add_service(plan, ids, 0, CENTRE, NEEDS_ALL, centres[at]);
    for (size_t at = 0; at < sizeof communities / sizeof communities[0]; at++)
        add_service(plan, ids, 0, GROUP, NEEDS_ALL, communities[at]);
    add_service(plan, ids, 0, SKILLS, NEEDS_LEARNING | NEEDS_MENTAL, 0);
    add_service(plan, ids, 0, SKILLS, NEEDS_LEARNING | NEEDS_MENTAL, 1);
    for (size_t at = 0; at < DEMO_PROVIDERS - 1; at++) {
        add_provider(plan, ids, at + 1, outside[at].reference, outside[at].name);
        plan->providers[at + 1].kind = outside[at].charity
                                           ? DW__PROVIDER_KIND__PROVIDER_KIND_CHARITY
                                           : DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
        plan->providers[at + 1].contract = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
        add_service(plan, ids, at + 1, outside[at].shape, outside[at].needs, outside[at].town);
    }
}
