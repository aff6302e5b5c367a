// The store's scripts for Redis, as they lie in the binary.
#ifndef ROOST_CSCRIPTS_STORE_H
#define ROOST_CSCRIPTS_STORE_H

#include <stddef.h>

typedef struct {
    const char *name;
    const unsigned char *text;
    size_t count;
} roost_store_script;

/// The script at an index below the count.
const roost_store_script *roost_store_script_at(size_t index);
extern const size_t roost_store_script_count;

#endif
