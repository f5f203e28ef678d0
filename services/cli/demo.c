#include "services/cli/cli.h"
int cli_demo(struct cli *cli)
{
    return cli_left(cli, 0, 9, "demo") ? 0 : 0;
}
