#include "scripts.h"

static const unsigned char script_raise[] = {
#embed "scripts/raise.lua"
};
static const unsigned char script_register[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/everybody.lua"
    ,
#embed "scripts/register.lua"
};
static const unsigned char script_renew[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/everybody.lua"
    ,
#embed "scripts/renew.lua"
};
static const unsigned char script_bump[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/bump.lua"
};
static const unsigned char script_drain[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/drain.lua"
};
static const unsigned char script_leave[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/leave.lua"
};
static const unsigned char script_evict[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/everybody.lua"
    ,
#embed "scripts/evict.lua"
};
static const unsigned char script_bury[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/bury.lua"
};
static const unsigned char script_cards[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/cards.lua"
};
static const unsigned char script_place[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/place.lua"
};
static const unsigned char script_reassert[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/reassert.lua"
};
static const unsigned char script_takeover[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/asker.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/takeover.lua"
};
static const unsigned char script_end[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/end.lua"
};
static const unsigned char script_list[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/list.lua"
};
static const unsigned char script_move1[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/move.lua"
    ,
#embed "scripts/move1.lua"
};
static const unsigned char script_move2[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/stands.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/move.lua"
    ,
#embed "scripts/move2.lua"
};
static const unsigned char script_abort[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/move.lua"
    ,
#embed "scripts/abort.lua"
};
static const unsigned char script_save[] = {
#embed "scripts/gate.lua"
    ,
#embed "scripts/rooms.lua"
    ,
#embed "scripts/move.lua"
    ,
#embed "scripts/save.lua"
};

static const roost_script scripts[] = {
    {"raise", script_raise, sizeof script_raise},
    {"register", script_register, sizeof script_register},
    {"renew", script_renew, sizeof script_renew},
    {"bump", script_bump, sizeof script_bump},
    {"drain", script_drain, sizeof script_drain},
    {"leave", script_leave, sizeof script_leave},
    {"evict", script_evict, sizeof script_evict},
    {"bury", script_bury, sizeof script_bury},
    {"cards", script_cards, sizeof script_cards},
    {"place", script_place, sizeof script_place},
    {"reassert", script_reassert, sizeof script_reassert},
    {"takeover", script_takeover, sizeof script_takeover},
    {"end", script_end, sizeof script_end},
    {"list", script_list, sizeof script_list},
    {"move1", script_move1, sizeof script_move1},
    {"move2", script_move2, sizeof script_move2},
    {"abort", script_abort, sizeof script_abort},
    {"save", script_save, sizeof script_save},
};
const size_t roost_script_count = sizeof scripts / sizeof *scripts;

const roost_script *roost_script_at(size_t index) {
    return index < roost_script_count ? &scripts[index] : 0;
}
