/* Memory for private keys (CRYPTO section 5). */
#include "locked.h"

#include <sys/mman.h>

#include <openssl/crypto.h>

#include "log.h"

enum { HEAP_SIZE = 1 << 18, HEAP_LEAST = 16 };

enum rc
locked_heap(void)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return RC_CRYPTO;
	/* 1: made; 2: made, but could not be locked or guarded */
	return CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_LEAST) == 0 ? RC_CRYPTO
								     : RC_OK;
}

void
locked_now(void)
{
	if (mlockall(MCL_CURRENT | MCL_ONFAULT) == -1)
		note("memory can not be locked; keep swap off");
}
