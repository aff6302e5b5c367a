// The page's files, as they lie in the binary. Swift does not import arrays of unknown length, so
// each is a pointer and a count.
#ifndef ROOST_CPAGE_H
#define ROOST_CPAGE_H

#include <stddef.h>

typedef struct {
    const char *name;
    const char *type;
    const unsigned char *bytes;
    size_t count;
} roost_page_file;

/// The file at an index below the count.
const roost_page_file *roost_page_file_at(size_t index);
extern const size_t roost_page_file_count;

/// The same for the page of those who look after a cluster.
const roost_page_file *roost_cluster_file_at(size_t index);
extern const size_t roost_cluster_file_count;

#endif
