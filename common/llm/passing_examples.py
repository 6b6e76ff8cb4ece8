"""What people say in the first person that is forgotten the next day: examples to compare with (`lasting`)."""

PASSING = tuple(
    """
I have to renew my licence before the trip.
We had three complaints about it last month.
We measured the old system in June and found nothing.
I tested the login in May and saw two errors.
I looked at the numbers for the second quarter.
I see a bigger risk in the contract than in the price.
I would start with the part that hurts most.
We need a new lock for the cellar.
I practised the speech in front of the mirror.
I was about to give up when they opened.
I'm the one who stays until it's done.
I'm their hero now because I brought biscuits.
I'm early for once.
My first one.
My last try was terrible.
My sister is fine, she says hello.
My father started the car and it died again.
My husband is doing the bedtime tonight.
My amp sounds terrible today.
My students handed in the essays.
My customers complained about the wait.
My friend recommended you.
I've seen worse.
I've waited for this for weeks.
I've never had such a long meeting.
I get him a present and you get the card.
I buy it if nobody else does.
I can only talk about the food, it was good.
I don't remember the name of the street.
I don't see the difference.
I usually sign what they send, but this one is odd.
I asked my boss about the price.
I told the doctor about the pain.
I took the kids to the park.
I took her to the vet because she didn't eat.
I went to bed at three.
I cried the whole way home.
I have a fever since last night.
My stomach's upset from the oysters.
I bought a new vacuum cleaner on sale.
I ordered new curtains.
I returned the shoes.
I renewed the contract for the printer.
I wrote the report over the weekend.
I deployed it an hour ago.
I work from the café today, the wifi is down.
I'm waiting for the doctor to call.
I'm cooking tonight, do you like curry?
I'm visiting my parents this weekend.
We stayed in a hotel by the lake last weekend.
We watched the game at Tom's.
We take the early train and come back on Sunday.
We live in interesting times.
We all make mistakes.
I live and learn.
I love the way you tell it.
I hate the new logo.
I've got the receipt somewhere, hold on.
I'll bring the charger.
I can see three people at the door.
I've got a call in ten minutes.
I put the keys on the counter.
I had the soup, it was salty.
I don't think he meant it.
I'm looking at it right now.
I was just about to call you.
My screen went black.
I've moved the meeting to Thursday.
I'm so proud of you.
I haven't seen the email yet.
I love what you did with the kitchen.
I'm having the fish, what about you?
I ordered it on Monday and it's still not here.
I can't find the corkscrew.
I always mix those two up.
My coffee's cold.
I'm sorry, I didn't mean to interrupt.
We have ten minutes left.
I like that idea.
I've read the first three chapters.
I never thought about it that way.
I get that, I really do.
My point is that nobody asked them.
I bought tickets for Saturday.
I need a new password.
I can do Tuesday or Wednesday.
I saw him yesterday at the gym.
I never got the invoice.
I'm not going to argue about this.
I had no signal up there.
I love that dress on you.
I work on the second floor today, there's a leak upstairs.
I just got off the phone with the plumber.
I can live with that.
I know what you mean.
I'm not sure I follow.
I left you a message.
We took the stairs because the lift was broken.
I checked the oil and it's fine.
I've tried turning it off and on.
I was there when it happened.
I'm going to the shop, do you need anything?
I can't believe it's already November.
I've got goosebumps.
My jacket is still wet.
I need to get some air.
We have a problem with the database.
I'm blocked by the review.
I sent the slides to the client.
I was thinking about what you said.
I'm free after four.
My mistake, it's the next one.
I've had enough of this song.
I saw a documentary about it.
I'd say about forty euros.
I met a man on the train who trains eagles.
I made too much pasta again.
I won't tell anybody.
I know a place round the corner.
I've got dirt on my shoes.
I'm taking the bins out.
I feel better already.
I've finished the first draft.
I'm just tired, that's all.
I guess we'll find out.
I brought wine.
I paid for the parking.
My guess is the filter.
My advice is to sleep on it.
Our flight was cancelled.
Our team is two people short this week.
I can hear you fine.
I'm out of milk.
I wanted to ask about the deposit.
I'd like to return this.
I have a reservation under the name of Blake.
I'm calling about the advert.
I used your mug, I hope that's okay.
I'm learning a lot from this project.
I play it back for you, listen.
I drive, you navigate.
I'm a genius, it works.
I'm an idiot, it's the wrong file.
I'm the last one in the queue.
I'm from the delivery company, where should I put it?
I am at a loss.
I work through the list from the top.
I speak to him after lunch.
I always say it's the wires.
I never know which button it is.
I own this round.
I have a plan.
I have a weird noise on the line.
I had a look at it and it's the hinge.
I had a nightmare about the exam.
I had to wait for the locksmith.
I've been to the bakery already.
I've got you.
My hair's a mess.
My neighbour left a note on the door.
My laptop is updating.
We were laughing the whole time.
We need more salt.
We moved the sofa to the other wall.
We sold out in an hour.
We met at the entrance.
We were number four in the line.
We got lost twice on the way here.
I got soaked on the way.
I got the blue pill bottle and the white one mixed up.
I felt the whole building shake.
I lost ten euros on that match.
I lost my glasses, they're on my head, aren't they?
I broke the handle, sorry.
I cut myself on the tin.
I cooked for six and two came.
I walked all the way from the station.
I take that back.
I take it you've met.
I take your point.
I like it better without the frame.
I like where this is going.
I love a good storm.
I love it when that happens.
I love how quiet it is.
I hate to say it, but he's right.
I hate waiting for the bus in this wind.
I prefer the one on the left.
I enjoyed the second half more.
I'm planning the seating for Saturday.
I'm hoping for good weather.
I decided on the green one.
I worked out what's wrong with it.
I study the menu and you find a table.
I wrote to the landlord yesterday.
I sing along and nobody minds.
I don't like the sound of that.
I don't eat that, there's mould on it.
I don't have the address.
I don't work tomorrow.
I don't know anybody here.
I can't eat another bite.
I can't talk right now.
I can't stand up, my foot's asleep.
I'm pregnant with ideas today.
I'm on page forty.
I'm in the car park.
I'm in, count on me.
I'm good, thanks.
I'm writing it on the board.
I'm wearing two jumpers and I'm still cold.
I'm working on the bathroom this weekend.
I'm training the new guy this morning.
I'm moving the table a bit to the left.
I'm leaving at seven.
I'm watching the pot.
I'm running late.
I'm looking for a birthday present for my niece.
I'm trying the other key.
I'm expecting a parcel.
I was at the dentist this morning.
I was at my sister's for lunch.
I was born ready.
I was hoping you'd ask.
I was reading about the strike.
I was a bit rude to him, I think.
Did I tell you about the fox in the garden?
Should I open the window?
What do I owe you?
If we leave now we'll make it.
He told me it was closed.
They charged me twice.
It took me an hour to get here.
Nobody told me about the change.
Give me a second.
Send me the link and I'll have a look.
Tell me when it boils.
For me it's the first option.
It's my favourite part of the film.
That's my pen.
Those are our bags.
This is our stop.
It's on my list.
You can have mine.
    """.strip().splitlines()
)
