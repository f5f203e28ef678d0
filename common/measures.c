/* What of a shard's work is measured: commands by type and result, how long deciding and committing takes. A simulation
 * measures nothing. */
#include "common/metrics.h"
#include "common/shard_internal.h"
#include "common/text.h"

#include <stdlib.h>

static const char *const results[] = {[MEASURED_ACCEPTED] = "accepted",
                                      [MEASURED_REFUSED] = "refused",
                                      [MEASURED_INVALID] = "invalid"};

struct measures {
    struct metric *decide;
    struct metric *commit;
    struct metric *commands[][MEASURED_RESULTS]; /* by row of the service's table */
};

static struct metric *command_counter(struct metrics *metrics, const struct command_row *row,
                                      enum measured_result result)
{
    char labels[128];
    (void)text_format(labels, sizeof labels, "type=\"%s\",result=\"%s\"", message_name(row->type),
                      results[result]);
    return metrics_counter(metrics, "dayways_commands_total", "Commands by type and result.",
                           labels);
}

struct measures *measures_create(struct metrics *metrics, const struct service *service)
{
    size_t rows = 0;
    if (metrics == NULL)
        return NULL;
    while (service->commands != NULL && service->commands[rows].type != NULL)
        rows++;
    struct measures *measures = calloc(1, sizeof *measures + rows * sizeof measures->commands[0]);
    if (measures == NULL)
        abort();
    for (size_t row = 0; row < rows; row++)
        for (int result = 0; result < MEASURED_RESULTS; result++)
            measures->commands[row][result] =
                command_counter(metrics, &service->commands[row], (enum measured_result)result);
    measures->decide = metrics_histogram(metrics, "dayways_decide_seconds",
                                         "Deciding a command and evolving the state.", NULL);
    measures->commit = metrics_histogram(metrics, "dayways_commit_seconds",
                                         "From sending a commit to its being on disk.", NULL);
    return measures;
}

int64_t measures_now_us(const struct shard *shard)
{
    return shard->measures == NULL ? 0 : loop_boot_us_now();
}

void measures_command(const struct shard *shard, const struct command_row *row,
                      enum measured_result result, int64_t since_us)
{
    if (shard->measures == NULL)
        return;
    metric_add(shard->measures->commands[row - shard->settings.service->commands][result], 1);
    metric_observe_us(shard->measures->decide, (uint64_t)(loop_boot_us_now() - since_us));
}

void measures_commit(const struct shard *shard, int64_t since_us)
{
    if (shard->measures != NULL)
        metric_observe_us(shard->measures->commit, (uint64_t)(loop_boot_us_now() - since_us));
}
