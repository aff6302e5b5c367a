#ifndef ROOST_CSRTP_H
#define ROOST_CSRTP_H

#include <malloc.h>
#include <srtp2/srtp.h>

#endif
