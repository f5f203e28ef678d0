/* The command line tool: see cli.h. */
#include "services/cli/cli.h"

int main(int argc, char **argv)
{
    return cli_run(argc, argv);
}
