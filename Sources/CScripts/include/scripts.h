// The scripts that Redis runs for us, as they lie in the binary. Swift does not import arrays of unknown
// length, so each is a pointer and a count.
#ifndef ROOST_CSCRIPTS_H
#define ROOST_CSCRIPTS_H

#include <stddef.h>

typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t count;
} roost_script;

/// The script at an index below the count.
const roost_script *roost_script_at(size_t index);
extern const size_t roost_script_count;

#endif
