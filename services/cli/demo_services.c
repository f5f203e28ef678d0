/* The demonstration's providers and services, as its description has them. */
#include "services/cli/demo.h"

#include "common/text.h"

#include <string.h>

bool demo_is_internal(const struct demo_plan *plan, const struct demo_service *service)
{
    return plan->providers[service->provider].as->kind == DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE;
}

static const Dw__DemoShape *find_shape(const Dw__Demonstration *as, const char *name)
{
    for (size_t at = 0; at < as->n_shapes; at++)
        if (strcmp(as->shapes[at]->name, name) == 0)
            return as->shapes[at];
    return NULL;
}

static const Dw__DemoNeeds *find_needs(const Dw__Demonstration *as, const char *name)
{
    for (size_t at = 0; at < as->n_needs; at++)
        if (strcmp(as->needs[at]->name, name) == 0)
            return as->needs[at];
    return NULL;
}

static const Dw__District *find_district(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return model->districts[at];
    return NULL;
}

static const char *add_service(struct demo_plan *plan, struct ids *ids, size_t provider,
                               const Dw__DemoService *as)
{
    if (plan->services_count == DEMO_SERVICES_MAX)
        return "there are too many services";
    struct demo_service *service = &plan->services[plan->services_count++];
    service->shape = find_shape(plan->as, as->shape);
    service->needs = find_needs(plan->as, as->needs);
    service->district = find_district(plan->model, as->district);
    if (service->shape == NULL || service->needs == NULL || service->district == NULL)
        return "a service names a shape, needs or a district that is not there";
    service->id = ids_next(ids, 0);
    for (size_t at = 0; at < DEMO_DAYS; at++)
        service->session_ids[at] = ids_next(ids, 0);
    for (size_t at = 0; at < 1 + DEMO_DAYS; at++)
        service->command_ids[at] = ids_next(ids, 0);
    service->provider = provider;
    service->price_pence =
        service->shape->price_pence +
        (demo_is_internal(plan, service) ? 0 : (uint32_t)(provider * 37 % 9 * 50));
    (void)text_format(service->reference, sizeof service->reference, "%.24s-%zu",
                      plan->providers[provider].as->reference, plan->services_count);
    (void)text_format(service->name, sizeof service->name, "%s %s, %s",
                      plan->providers[provider].as->name, service->shape->words,
                      service->district->name);
    return NULL;
}

const char *demo_make_services(struct demo_plan *plan, struct ids *ids)
{
    const char *wrong = NULL;
    if (plan->as->n_providers > DEMO_PROVIDERS_MAX)
        return "there are too many providers";
    for (size_t at = 0; at < plan->as->n_providers && wrong == NULL; at++) {
        struct demo_provider *provider = &plan->providers[plan->providers_count++];
        provider->as = plan->as->providers[at];
        provider->id = ids_next(ids, 0);
        provider->contract_id = ids_next(ids, 0);
        for (size_t command = 0; command < 3; command++)
            provider->command_ids[command] = ids_next(ids, 0);
        for (size_t service = 0; service < provider->as->n_services && wrong == NULL; service++)
            wrong = add_service(plan, ids, at, provider->as->services[service]);
    }
    return wrong;
}
