#include "media/helper/beasts.hpp"

namespace shotwire::media::helper {
namespace {

const Beast big_cat{.size = 1.2, .fat = 1.05, .up = -0.06, .snout = 0.13, .ears = Ears::round, .tail = Tail::drawn_out};
const Beast bear{.size = 1.5, .legs = 0.85, .fat = 1.5, .up = -0.18, .snout = 0.15, .ears = Ears::round, .tail = Tail::none};
const Beast deer{.size = 1.25, .legs = 1.35, .fat = 0.8, .up = 0.15, .snout = 0.17, .ears = Ears::pricked, .tail = Tail::none};
const Beast maned_cat = [] { auto lion = big_cat; return lion.mane = true, lion; }(), stag = [] { auto one = deer; return one.antlers = true, one; }();
const BeastWords beasts[] = {
    {{}, 0x8a5a34, {"dog", "puppy", "corgi", "retriever", "animal"}},
    {{.size = 0.62, .legs = 0.9, .fat = 0.9, .up = -0.04, .out = -0.06, .snout = 0.08, .ears = Ears::pricked, .tail = Tail::drawn_out},
     0x8d8378, {"cat", "kitten"}},
    {{.size = 0.8, .legs = 0.9, .fat = 0.85, .up = -0.06, .snout = 0.2, .ears = Ears::pricked, .tail = Tail::bushy}, 0xc0622a, {"fox"}},
    {{.size = 1.1, .ears = Ears::pricked, .tail = Tail::bushy}, 0x77756f, {"wolf"}},
    {{.size = 1.7, .legs = 1.35, .fat = 0.95, .up = 0.22, .out = 0.1, .snout = 0.24, .ears = Ears::pricked, .tail = Tail::hanging, .mane = true},
     0x6e4a30, {"horse", "pony"}},
    {{.size = 1.5, .legs = 1.1, .fat = 1.3, .up = -0.1, .out = 0.05, .snout = 0.2, .tail = Tail::hanging}, 0x6b4a36, {"cow"}},
    {{.size = 0.95, .fat = 1.25, .up = -0.1, .snout = 0.13, .tail = Tail::none}, 0xd9d3c4, {"sheep", "goat"}},
    {deer, 0x8f6440, {"deer"}},
    {stag, 0x7d5636, {"stag"}},
    {bear, 0xe6e4da, {"polar bear"}},
    {bear, 0x4a3424, {"bear"}},
    {bear, 0xdcdcd6, {"panda"}},
    {maned_cat, 0xc08f4e, {"lion"}},
    {big_cat, 0xc9893f, {"tiger", "leopard", "cheetah"}},
    {{.size = 2.7, .legs = 1.15, .fat = 1.45, .up = -0.08, .out = 0.08, .snout = 0.1, .ears = Ears::large, .tail = Tail::hanging, .trunk = true},
     0x83838a, {"elephant"}},
    {{.size = 1.8, .legs = 1.4, .fat = 1.05, .up = 0.25, .out = 0.22, .snout = 0.18, .ears = Ears::round, .tail = Tail::hanging, .hump = true},
     0xb8935a, {"camel"}},
    {{.size = 0.42, .legs = 0.7, .fat = 1.2, .up = -0.12, .out = -0.1, .snout = 0.07, .ears = Ears::tall, .tail = Tail::none}, 0x9a8a78, {"rabbit"}}};

const BirdWords birds[] = {
    {Plumage::wader, 0x8b929b, {"heron", "herons", "stork", "storks", "ibis"}},
    {Plumage::wader, 0xe6e6e0, {"egret", "egrets", "spoonbill"}},
    {Plumage::wader, 0xd8849a, {"flamingo", "flamingos"}},
    {Plumage::swimmer, 0xe9e8e2, {"swan", "swans", "pelican", "pelicans"}},
    {Plumage::swimmer, 0x8a7a66, {"goose", "geese", "duck", "ducks", "mallard", "cormorant"}},
    {Plumage::short_neck, 0xe2e3e0, {"gull", "gulls", "seagull", "seagulls", "dove", "doves", "tern", "terns", "albatross", "cockatoo"}},
    {Plumage::short_neck, 0x2a2c33, {"raven", "ravens", "crow", "crows", "blackbird", "magpie", "starling", "starlings"}},
    {Plumage::short_neck, 0x3f9a55, {"parrot", "parrots", "macaw", "hummingbird", "parakeet"}},
    {Plumage::short_neck, 0x3d76b0, {"kingfisher", "bluebird", "peacock"}},
    {Plumage::short_neck, 0x6b5138, {"eagle", "eagles", "hawk", "hawks", "falcon", "falcons", "buzzard", "vulture", "condor", "osprey", "owl", "owls"}},
    {Plumage::short_neck, 0x8b6f52, {"bird", "birds", "songbird", "seabird", "sparrow", "sparrows", "robin", "finch", "wren", "swallow", "swallows",
                                     "pigeon", "pigeons", "thrush", "woodpecker", "chicken", "hen", "rooster", "penguin", "penguins", "puffin"}}};

}  // namespace

const BeastWords* beast_of(const Words& subject) { return named(beasts, subject); }

const BirdWords* first_bird(const Words& subject) { return named(birds, subject); }

}  // namespace shotwire::media::helper
