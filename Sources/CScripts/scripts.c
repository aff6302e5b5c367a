#include "scripts.h"

static const unsigned char mutex_lock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-lock.lua"
};
static const unsigned char mutex_relock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-relock.lua"
};
static const unsigned char mutex_unlock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-unlock.lua"
};
static const unsigned char mutex_quit[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-quit.lua"
};

static const roost_script scripts[] = {
    {"mutex-lock", mutex_lock, sizeof mutex_lock},
    {"mutex-relock", mutex_relock, sizeof mutex_relock},
    {"mutex-unlock", mutex_unlock, sizeof mutex_unlock},
    {"mutex-quit", mutex_quit, sizeof mutex_quit},
};
const size_t roost_script_count = sizeof scripts / sizeof *scripts;

const roost_script *roost_script_at(size_t index) {
    return index < roost_script_count ? &scripts[index] : 0;
}
