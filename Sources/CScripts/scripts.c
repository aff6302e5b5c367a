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
static const unsigned char registry[] = {
#embed "scripts/registry.lua"
};
static const unsigned char store_end_login[] = {
#embed "scripts/store-end-login.lua"
};
static const unsigned char store_forget_calls[] = {
#embed "scripts/store-forget-calls.lua"
};
static const unsigned char store_forget_jobs[] = {
#embed "scripts/store-forget-jobs.lua"
};
static const unsigned char store_forget_logins[] = {
#embed "scripts/store-forget-logins.lua"
};
static const unsigned char store_page[] = {
#embed "scripts/store-page.lua"
};
static const unsigned char store_register[] = {
#embed "scripts/store-register.lua"
};
static const unsigned char store_remove[] = {
#embed "scripts/store-remove.lua"
};
static const unsigned char store_save_call[] = {
#embed "scripts/store-save-call.lua"
};
static const unsigned char store_save_channel[] = {
#embed "scripts/store-save-channel.lua"
};
static const unsigned char store_save_job[] = {
#embed "scripts/store-save-job.lua"
};
static const unsigned char store_save_login[] = {
#embed "scripts/store-save-login.lua"
};
static const unsigned char store_save_stay[] = {
#embed "scripts/store-save-stay.lua"
};
static const unsigned char store_statistics[] = {
#embed "scripts/store-statistics.lua"
};
static const unsigned char store_write[] = {
#embed "scripts/store-write.lua"
};

static const roost_script scripts[] = {
    {"mutex-lock", mutex_lock, sizeof mutex_lock},
    {"mutex-relock", mutex_relock, sizeof mutex_relock},
    {"mutex-unlock", mutex_unlock, sizeof mutex_unlock},
    {"mutex-quit", mutex_quit, sizeof mutex_quit},
    {"registry", registry, sizeof registry},
    {"store-end-login", store_end_login, sizeof store_end_login},
    {"store-forget-calls", store_forget_calls, sizeof store_forget_calls},
    {"store-forget-jobs", store_forget_jobs, sizeof store_forget_jobs},
    {"store-forget-logins", store_forget_logins, sizeof store_forget_logins},
    {"store-page", store_page, sizeof store_page},
    {"store-register", store_register, sizeof store_register},
    {"store-remove", store_remove, sizeof store_remove},
    {"store-save-call", store_save_call, sizeof store_save_call},
    {"store-save-channel", store_save_channel, sizeof store_save_channel},
    {"store-save-job", store_save_job, sizeof store_save_job},
    {"store-save-login", store_save_login, sizeof store_save_login},
    {"store-save-stay", store_save_stay, sizeof store_save_stay},
    {"store-statistics", store_statistics, sizeof store_statistics},
    {"store-write", store_write, sizeof store_write},
};
const size_t roost_script_count = sizeof scripts / sizeof *scripts;

const roost_script *roost_script_at(size_t index) {
    return index < roost_script_count ? &scripts[index] : 0;
}
