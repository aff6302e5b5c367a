#ifndef ROOST_CSQLITE_H
#define ROOST_CSQLITE_H

#include <sqlite3.h>

#endif
