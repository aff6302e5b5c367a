#ifndef ROOST_CUSRSCTP_H
#define ROOST_CUSRSCTP_H

#include <usrsctp.h>

#endif
