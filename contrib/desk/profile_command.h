/* The command profile: the strict profile check as a filter. */
#ifndef CUTOUT_DESK_PROFILE_COMMAND_H
#define CUTOUT_DESK_PROFILE_COMMAND_H

/* Copies an envelope from in to out when it has the form that the gateway
 * makes, and writes nothing otherwise. Gives the exit status. */
int desk_profile(int in, int out);

#endif
