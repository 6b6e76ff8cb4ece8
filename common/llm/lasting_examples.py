"""What people say of themselves for good, as they say it in passing: examples to compare with (`lasting`)."""

LASTING = tuple(
    """
I've been a bus driver in this town since before you were born.
Between the two jobs and the baby I sleep maybe five hours.
We lost our house in the flood and started over up here.
My accent comes and goes, I was raised in Cape Town.
I can't have gluten, I've got coeliac disease.
My late wife planted all of these roses.
I do shift work at the steel plant.
I've had this pacemaker for eight years now.
Our eldest is in the army.
I never finished school, I started at the docks at fifteen.
I sing bass, second row, every Tuesday night.
I moved out here for my wife's job.
My grandmother raised me, up in the hills.
I'm the kind of person who reads the last page first.
I was in foster care until I was twelve.
I cycle to the office, rain or shine.
I'm allergic to bees, I always carry a pen.
We're trying for a second child.
I ran a café for eleven years before this.
I'm terrified of dogs, ever since I was bitten.
I do the books for three small firms.
I'm on blood thinners, so no ibuprofen for me.
I left the church when I was twenty.
My stepson lives with us every other week.
I paint, mostly watercolours, mostly badly.
I got my licence at forty.
We keep kosher at home.
I go swimming in the lake all year round.
My sister's a judge up north.
I used to box when I was young.
I take the dog out at six every single day.
I've got dyslexia, so send me voice notes.
I teach evening classes in pottery.
I spend every August with my cousins in Galicia.
I'm left handed, scissors are a nightmare.
I've run this newsletter for five years.
I'm retiring next summer, and then it's the allotment full time.
I was married before, it lasted two years.
My Portuguese is decent, I spent two years in Recife.
I hate flying, so we always take the train.
I look after my father, he has Parkinson's.
I'm the only woman on the crew.
I've got three grandchildren and a fourth one coming.
I do all my own repairs, the bike, the boiler, everything.
We have a place by the sea that was my aunt's.
I study at night, after the kids are asleep.
I'm a morning person, up at five.
I cannot stand mushrooms.
My mother was a seamstress, she taught me to sew.
I have been with the company for nineteen years.
I work with children who don't speak.
I'm an identical twin, people greet me by her name.
I wear hearing aids on both sides.
We've got chickens, six of them, and one mean rooster.
I play in a ceilidh band at weekends.
I'm diabetic, type one, since I was nine.
I do triathlons, the short ones.
I grew up on a farm, I can handle a cow.
I only drink decaf after noon.
I keep a diary, have done since I was ten.
My fiancé's family is from Ghana.
I work two days from home and three on site.
I had cancer four years ago and I still go for checks.
My daughter competes in gymnastics, we travel every month.
I've never been able to whistle or swim.
I write code for medical devices.
I run the local history group.
I'm applying for citizenship this year.
I was born in Manila and came here at six.
I rent a room from an old lady in the centre.
I can't drive at night because of my eyes.
I'm on the committee of the tennis club.
My back's been bad ever since the fall.
I've got a season ticket for the opera.
I coach the under elevens on Sundays.
We adopted Lin when she was two.
I've got ADHD, so I need it in writing.
I fix old radios for fun.
I don't eat anything with a face.
I'm named after my great-grandfather.
I go to mass on Sundays, the early one.
My ex has the house, I've got the dog.
I'm writing my dissertation on coral reefs.
We moved here from Aleppo in 2015.
I like my coffee black and my eggs hard.
My parents run a bakery in Lyon.
I'm colour blind, so red and green don't help me.
I'm a volunteer firefighter, that's why the pager.
I own two flats and let one of them.
I've got a weakness for old maps.
I haven't spoken to my sister in years.
I was a nun for three years, believe it or not.
I'm engaged, we're getting married in spring.
I do karate, brown belt by now.
I've had migraines since my teens.
We homeschool, all three of them.
I drive a lorry, mostly up and down the coast.
I do not own a television.
I'm the youngest of seven.
My son is autistic and he needs his routine.
I'm going back to school to become a midwife.
I always sit on the aisle because of my knee.
I've been learning Arabic for two years now.
I'm half Greek, on my mother's side.
I work in insurance, it's as dull as it sounds.
I brew beer in the garage.
I have a tattoo of my dog.
I do yoga before breakfast.
I have two jobs, the school and the bar.
I was in the national team as a junior.
I'd love to open a bookshop one day, it's been my dream forever.
My kids are grown up, the house is empty.
I trained as a chef in Copenhagen.
I'm short sighted, minus seven.
I'm a lawyer, but not that kind.
I knit on the train, it keeps me calm.
I've got a boat in the marina at Split.
I have to take thyroid tablets every morning.
I grew up without a father.
I'm a widower, I cook for one.
I'm vegetarian except at my mother's.
I work at the front desk of the Bellevue.
I've climbed all the peaks in this range but one.
I go by Sam, nobody uses the long form.
I got divorced last year, so I'm relearning everything.
We live on the fourth floor without a lift.
I support the reds, my whole family does.
I was the first in my family to go to university.
I do stand up on Thursdays.
I'm not religious, but my wife is.
I'm not much of a drinker, one glass and I'm asleep.
I have a bad shoulder, from swimming.
I manage a team of fourteen.
My passport's Irish, my heart is Neapolitan.
I collect stamps, laugh if you want.
I'm responsible for everything that leaves the warehouse.
I rescue hedgehogs, there are three in the shed.
I like to fall asleep to the radio.
I don't celebrate Christmas, we're Jewish.
I've had the same barber for thirty years.
I always shop at the market on Saturdays.
I've been in a wheelchair since the crash.
My best friend since kindergarten lives in Oslo.
I breed spaniels.
I was an exchange student in Nagoya.
I'm getting my knee replaced in the autumn.
I started my own firm after the layoffs.
I've worked nights for most of my life.
We have an au pair from Chile.
I'm seventy two, I've earned a chair.
I'm in my second year of medicine.
My flat's above the pharmacy on Mill Road.
I never drink on weekdays.
I want to learn to play the cello before I'm fifty.
I am on a low salt diet, doctor's orders.
I work for my father-in-law, for better or worse.
I gave a kidney to my brother.
I'm from a family of fishermen.
I can read Braille.
I get seasick just looking at a boat.
I do my banking at the credit union, always have.
I have a degree in geology that I never used.
I was a smoker for twenty years.
I don't have a car, I've never needed one.
My oldest girl plays the harp.
I spent my twenties on cruise ships.
I'm a teetotaller.
I live alone with two parrots.
I'm moving to Canada in September, for good.
I design playgrounds for a living.
I'm a big fan of black and white films.
We were refugees, my parents carried me over the border.
I'm pregnant, that's why no wine.
I've got a panic disorder, crowds are hard for me.
I run every morning along the canal.
I prefer cash, I don't trust cards.
I'm a godmother of five.
I can't eat spicy food, my stomach's too weak.
I umpire cricket in the summer.
My brother's in prison, we write to each other.
I stutter when I'm nervous.
I dance tango twice a week.
I'm the head of the physics department.
I hand in my manuscript to the same publisher each time, this is my sixth novel.
I help out at the animal shelter on Fridays.
We have three mortgages, don't ask.
I do crosswords in bed every night.
I've never had a sweet tooth.
I used to live in Kyoto, I taught English there.
My father drove a cab, same as I do.
I'm scared of needles.
I've been a member of this party for thirty years.
I learned to ride before I could read, my mum had horses.
My hands shake, it's an inherited thing.
I'm the mother of that one over there in the red jacket.
I do freelance translation, Danish to English.
I have a lot of family in Beirut.
I'm an electrician by trade.
I play chess online, every night, it's a disease.
I walk the Camino every couple of years.
    """.strip().splitlines()
)
