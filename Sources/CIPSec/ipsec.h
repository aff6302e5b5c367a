#ifndef ROOST_CIPSEC_H
#define ROOST_CIPSEC_H

#include <intel-ipsec-mb.h>

/* One packet through AES-128 in counter mode, there and then. The library has no direct call for
   it, only jobs; a burst of one touches nothing of its manager but the error number. */

static inline int roost_aes128_counter(IMB_MGR *manager, const void *schedule, const void *iv,
                                       void *out, const void *text, uint64_t count) {
    IMB_JOB job;
    __builtin_memset(&job, 0, sizeof job);
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.chain_order = IMB_ORDER_CIPHER_HASH;
    job.cipher_mode = IMB_CIPHER_CNTR;
    job.hash_alg = IMB_AUTH_NULL;
    job.key_len_in_bytes = IMB_KEY_128_BYTES;
    job.enc_keys = schedule;
    job.dec_keys = schedule;
    job.iv = (const uint8_t *)iv;
    job.iv_len_in_bytes = 16;
    job.src = (const uint8_t *)text;
    job.dst = (uint8_t *)out;
    job.msg_len_to_cipher_in_bytes = count;
    return IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager, &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                           IMB_KEY_128_BYTES) == 1;
}

#endif
