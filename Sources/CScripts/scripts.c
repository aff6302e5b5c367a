#include "scripts.h"

static const unsigned char cluster_raise[] = {
#embed "scripts/cluster-raise.lua"
};
static const unsigned char cluster_register[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-everybody.lua"
    ,
#embed "scripts/cluster-register.lua"
};
static const unsigned char cluster_renew[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-everybody.lua"
    ,
#embed "scripts/cluster-renew.lua"
};
static const unsigned char cluster_bump[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-bump.lua"
};
static const unsigned char cluster_drain[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-drain.lua"
};
static const unsigned char cluster_leave[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-leave.lua"
};
static const unsigned char cluster_evict[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-everybody.lua"
    ,
#embed "scripts/cluster-evict.lua"
};
static const unsigned char cluster_bury[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-bury.lua"
};
static const unsigned char cluster_cards[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-cards.lua"
};
static const unsigned char cluster_place[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-place.lua"
};
static const unsigned char cluster_reassert[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-reassert.lua"
};
static const unsigned char cluster_takeover[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-asker.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-takeover.lua"
};
static const unsigned char cluster_end[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-end.lua"
};
static const unsigned char cluster_list[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-list.lua"
};
static const unsigned char cluster_move1[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-move.lua"
    ,
#embed "scripts/cluster-move1.lua"
};
static const unsigned char cluster_move2[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-stands.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-move.lua"
    ,
#embed "scripts/cluster-move2.lua"
};
static const unsigned char cluster_abort[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-move.lua"
    ,
#embed "scripts/cluster-abort.lua"
};
static const unsigned char cluster_save[] = {
#embed "scripts/cluster-gate.lua"
    ,
#embed "scripts/cluster-rooms.lua"
    ,
#embed "scripts/cluster-move.lua"
    ,
#embed "scripts/cluster-save.lua"
};
static const unsigned char mutex_lock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-lock-alone.lua"
    ,
#embed "scripts/mutex-queue.lua"
    ,
#embed "scripts/mutex-lock.lua"
};
static const unsigned char mutex_relock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-queue.lua"
    ,
#embed "scripts/mutex-relock.lua"
};
static const unsigned char mutex_unlock[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-unlock-alone.lua"
    ,
#embed "scripts/mutex-queue.lua"
    ,
#embed "scripts/mutex-unlock.lua"
};
static const unsigned char mutex_quit[] = {
#embed "scripts/mutex.lua"
    ,
#embed "scripts/mutex-queue.lua"
    ,
#embed "scripts/mutex-quit.lua"
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
    {"cluster-raise", cluster_raise, sizeof cluster_raise},
    {"cluster-register", cluster_register, sizeof cluster_register},
    {"cluster-renew", cluster_renew, sizeof cluster_renew},
    {"cluster-bump", cluster_bump, sizeof cluster_bump},
    {"cluster-drain", cluster_drain, sizeof cluster_drain},
    {"cluster-leave", cluster_leave, sizeof cluster_leave},
    {"cluster-evict", cluster_evict, sizeof cluster_evict},
    {"cluster-bury", cluster_bury, sizeof cluster_bury},
    {"cluster-cards", cluster_cards, sizeof cluster_cards},
    {"cluster-place", cluster_place, sizeof cluster_place},
    {"cluster-reassert", cluster_reassert, sizeof cluster_reassert},
    {"cluster-takeover", cluster_takeover, sizeof cluster_takeover},
    {"cluster-end", cluster_end, sizeof cluster_end},
    {"cluster-list", cluster_list, sizeof cluster_list},
    {"cluster-move1", cluster_move1, sizeof cluster_move1},
    {"cluster-move2", cluster_move2, sizeof cluster_move2},
    {"cluster-abort", cluster_abort, sizeof cluster_abort},
    {"cluster-save", cluster_save, sizeof cluster_save},
    {"mutex-lock", mutex_lock, sizeof mutex_lock},
    {"mutex-relock", mutex_relock, sizeof mutex_relock},
    {"mutex-unlock", mutex_unlock, sizeof mutex_unlock},
    {"mutex-quit", mutex_quit, sizeof mutex_quit},
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
