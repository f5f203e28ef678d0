/* The daemon dayways-outcomes. */
#include "services/outcomes/outcomes.h"

int main(int argc, char **argv)
{
    return service_run(&outcomes_service, argc, argv);
}
