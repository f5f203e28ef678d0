/* Who may connect, and what they are: CURVE keys, the ZAP handler's answers, roles.
 *
 * The keys directory holds `allowed`, one line a key: the public key in Z85, the name, the role ("broker"), the
 * authorities ("*" or a comma list) and, for providers, the provider's id. Lines beginning with # are comments.
 * It also holds NAME.key (public and secret key in Z85, two lines, mode 0600) for whoever runs here. */
#ifndef DAYWAYS_COMMON_AUTH_H
#define DAYWAYS_COMMON_AUTH_H

#include "common/decision.h"

#include <stdbool.h>
#include <stddef.h>

enum { KEY_TEXT_SIZE = 41, KEY_NAME_MAX = 64 };

struct key_pair {
    char public_key[KEY_TEXT_SIZE];
    char secret_key[KEY_TEXT_SIZE];
};

/* One line of `allowed`. */
struct allowed_key {
    char public_key[KEY_TEXT_SIZE];
    char name[KEY_NAME_MAX + 1];
    int role;
    char authorities[256];
    struct id provider_id;
};

struct auth;

/* Reads DIRECTORY/allowed. 0; -ENOENT, -EACCES …; -EINVAL with the line and reason in ret_error. */
int auth_load(const char *directory, struct auth **ret_auth, char *ret_error, size_t error_size);
void auth_destroy(struct auth **auth);

/* The key with this Z85 public key, or with this name; NULL when it is not allowed (any more). */
const struct allowed_key *auth_by_key(const struct auth *auth, const char *public_key);
const struct allowed_key *auth_by_name(const struct auth *auth, const char *name);

bool allowed_for_authority(const struct allowed_key *key, const char *authority);

/* Reads DIRECTORY/NAME.key. */
int key_pair_load(const char *directory, const char *name, struct key_pair *ret_pair);

/* Makes a pair, writes DIRECTORY/NAME.key (0600) and adds its line to DIRECTORY/allowed, replacing an older one of
 * that name. authorities: "*" or a comma list. */
int key_pair_create(const char *directory, const char *name, int role, const char *authorities,
                    const struct id *provider_id);

/* Takes the name's line out of DIRECTORY/allowed. -ENOENT when there is none. */
int key_revoke(const char *directory, const char *name);

/* "broker" and the like; 0 when there is no such role, "?" when there is no such number. */
int role_from_text(const char *text);
const char *role_to_text(int role);

#endif
