#ifndef ROOST_CIPSEC_H
#define ROOST_CIPSEC_H

#include <intel-ipsec-mb.h>

#endif
