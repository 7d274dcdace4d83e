#include "lint/people.hpp"

#include <array>

namespace shotwire::lint {

std::span<const std::string_view> real_people() {
    static constexpr auto names = std::to_array<std::string_view>({
        "donald trump", "joe biden", "barack obama", "michelle obama", "kamala harris", "hillary clinton", "bill clinton", "george bush", "george w bush", "ronald reagan", "john f kennedy", "vladimir putin",
        "volodymyr zelensky", "volodymyr zelenskyy", "xi jinping", "kim jong un", "angela merkel", "emmanuel macron", "boris johnson", "keir starmer", "rishi sunak", "margaret thatcher", "winston churchill", "adolf hitler",
        "joseph stalin", "mao zedong", "narendra modi", "mahatma gandhi", "nelson mandela", "martin luther king", "malcolm x", "pope francis", "dalai lama", "queen elizabeth", "prince harry", "meghan markle", "prince william",
        "kate middleton", "princess diana", "olaf scholz", "friedrich merz", "justin trudeau", "recep tayyip erdogan", "benjamin netanyahu", "alexandria ocasio cortez", "bernie sanders", "jd vance", "elon musk", "jeff bezos",
        "bill gates", "steve jobs", "mark zuckerberg", "sam altman", "warren buffett", "tim cook", "albert einstein", "marie curie", "stephen hawking", "greta thunberg", "tom cruise", "tom hanks", "tom holland", "brad pitt",
        "angelina jolie", "jennifer aniston", "leonardo dicaprio", "johnny depp", "keanu reeves", "morgan freeman", "will smith", "denzel washington", "samuel l jackson", "robert downey jr", "scarlett johansson", "chris hemsworth",
        "chris evans", "chris pratt", "ryan reynolds", "ryan gosling", "emma watson", "emma stone", "margot robbie", "natalie portman", "anne hathaway", "meryl streep", "julia roberts", "sandra bullock", "nicole kidman",
        "cate blanchett", "timothee chalamet", "timoth\u00e9e chalamet", "pedro pascal", "anya taylor joy", "florence pugh", "sydney sweeney", "jackie chan", "bruce lee", "jet li", "arnold schwarzenegger", "sylvester stallone",
        "dwayne johnson", "vin diesel", "jason statham", "clint eastwood", "al pacino", "robert de niro", "jack nicholson", "harrison ford", "marilyn monroe", "audrey hepburn", "james dean", "charlie chaplin", "humphrey bogart",
        "grace kelly", "taylor swift", "beyonce knowles", "ariana grande", "billie eilish", "lady gaga", "katy perry", "justin bieber", "ed sheeran", "harry styles", "kanye west", "kim kardashian", "kylie jenner", "selena gomez",
        "miley cyrus", "dua lipa", "bad bunny", "michael jackson", "elvis presley", "freddie mercury", "john lennon", "paul mccartney", "david bowie", "kurt cobain", "bob dylan", "bob marley", "amy winehouse", "whitney houston",
        "snoop dogg", "travis scott", "cristiano ronaldo", "lionel messi", "kylian mbappe", "lebron james", "michael jordan", "kobe bryant", "stephen curry", "serena williams", "roger federer", "rafael nadal", "novak djokovic",
        "tiger woods", "usain bolt", "muhammad ali", "mike tyson", "conor mcgregor", "david beckham", "lewis hamilton", "max verstappen", "simone biles", "oprah winfrey", "ellen degeneres", "jimmy fallon", "joe rogan",
        "gordon ramsay", "quentin tarantino", "steven spielberg", "alfred hitchcock", "stan lee", "salvador dali", "frida kahlo", "pablo picasso", "andy warhol", "vincent van gogh", "logan paul", "jake paul", "shah rukh khan",
        "amitabh bachchan", "priyanka chopra", "virat kohli", "jackie kennedy", "abraham lincoln", "napoleon bonaparte", "mr beast", "bill murray", "jim carrey", "adam sandler", "zac efron", "millie bobby brown", "jenna ortega"});
    return names;
}

std::span<const std::string_view> real_people_by_one_name() {
    static constexpr auto names = std::to_array<std::string_view>({"einstein", "obama", "putin", "trump", "zendaya", "rihanna", "beyonc\u00e9", "beyonce", "shakira", "eminem", "drake", "mrbeast", "zelensky", "zelenskyy", "macron",
                                                                   "merkel", "hitler", "stalin", "oprah", "mbapp\u00e9", "ronaldinho", "schwarzenegger", "dicaprio"});
    return names;
}

}  // namespace shotwire::lint
