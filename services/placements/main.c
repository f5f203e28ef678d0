/* The daemon dayways-placements. */
#include "services/placements/placements.h"

int main(int argc, char **argv)
{
    return service_run(&placements_service, argc, argv);
}
