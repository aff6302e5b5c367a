#ifndef ROOST_CHIREDIS_H
#define ROOST_CHIREDIS_H

#include <hiredis/read.h>

#endif
