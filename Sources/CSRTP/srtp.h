#ifndef ROOST_CSRTP_H
#define ROOST_CSRTP_H

#include <srtp2/srtp.h>

#endif
