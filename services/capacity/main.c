/* The daemon of the capacity service. */
#include "services/capacity/capacity.h"

int main(int argc, char **argv)
{
    return service_run(&capacity_service, argc, argv);
}
