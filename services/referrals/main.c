/* The daemon dayways-referrals. */
#include "services/referrals/referrals.h"

int main(int argc, char **argv)
{
    return service_run(&referrals_service, argc, argv);
}
