-- The asker, ARGV[2] in its life ARGV[3], may do something only while it is alive in it.
local me, life = ARGV[2], ARGV[3]
local standing = stands(me, life)
if not standing then return {standing == nil and 'UNREGISTERED' or 'EVICTED'} end
