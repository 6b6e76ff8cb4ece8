"""Sentences as they are said in conversations of each category: talk is nearer to talk than to a list of subjects."""

from common.models.structured import ConversationCategory as C

SAID: dict[C, tuple[str, str, str]] = {
    C.PERSONAL: (
        "I want to get up earlier and keep a diary this year.",
        "I've been thinking about my life a lot lately.",
        "I put the charger into the drawer in the hall.",
    ),
    C.EDUCATION: (
        "We have an exam next week and I haven't studied yet.",
        "The professor gave us a reading list and homework.",
        "Which course are you taking at university next semester?",
    ),
    C.HEALTH: (
        "The doctor says the pain will go away with this medicine.",
        "Let me look at the rash and take your temperature.",
        "My back hurts, so I started physiotherapy.",
    ),
    C.FINANCE: (
        "The bank offers a loan over ten years.",
        "How much do you put into your pension every month?",
        "We should save more money and pay off the credit card.",
    ),
    C.LEGAL: (
        "My lawyer says that the contract isn't valid.",
        "The neighbour sued us because of the fence.",
        "The judge decides about the claim next month.",
    ),
    C.PHILOSOPHY: (
        "Do you think we have free will?",
        "What makes a life meaningful, and is it right to lie?",
        "Kant would say that it is your duty.",
    ),
    C.SPIRITUAL: (
        "She prays every morning and reads the Bible.",
        "Faith gives me peace when nothing else does.",
        "The priest spoke about God and the soul.",
    ),
    C.SCIENCE: (
        "The experiment shows how the cells react.",
        "Under the microscope you see the bacteria divide.",
        "Light from that star takes a thousand years to reach us.",
    ),
    C.ENTREPRENEURSHIP: (
        "Our startup needs investors for the next round.",
        "When we founded the company we had no customers.",
        "Let's build a prototype and see if anybody wants it.",
    ),
    C.PARENTING: (
        "The kids don't want to go to bed.",
        "Our daughter started kindergarten and cries every morning.",
        "The baby has teeth coming and we're out of diapers.",
    ),
    C.ROMANTIC: (
        "I'm in love with her, we kissed on our second date.",
        "My boyfriend brought me roses.",
        "He proposed to me on the beach and I said yes.",
    ),
    C.TRAVEL: (
        "We fly on Monday and stay in a hotel near the beach.",
        "Did you pack the suitcases and change some money?",
        "The airport was full and our plane was late.",
    ),
    C.INSPIRATION: (
        "Never give up, every failure is a lesson.",
        "Her success story motivated me to follow my dream.",
        "Believe in yourself and start today.",
    ),
    C.TECHNOLOGY: (
        "You can connect the speaker to the laptop by bluetooth.",
        "I write the program in Python and test it.",
        "The network was down, so I restarted the server.",
    ),
    C.BUSINESS: (
        "We lost a customer to a competitor.",
        "Our sales went up after we changed the packaging.",
        "What margin do we have on that product?",
    ),
    C.SOCIAL: (
        "Shall we have a drink with the others tonight?",
        "Did you hear what happened at her party?",
        "It was so nice to see all our friends again.",
    ),
    C.WORK: (
        "In our team meeting we discussed who does what.",
        "My boss wants the report before the holidays.",
        "The new colleague takes over my shift.",
    ),
    C.SPORTS: (
        "They lost the game in the second half after a foul.",
        "We play tennis on Thursdays, my serve got better.",
        "The coach put a new player into the team.",
    ),
    C.POLITICS: (
        "Who will you vote for in the election?",
        "The government passed a new law.",
        "The president and his party are losing support.",
    ),
    C.LITERATURE: (
        "I finished the novel, the last chapter surprised me.",
        "She reads Shakespeare, he prefers short stories.",
        "The author describes the characters so well.",
    ),
    C.HISTORY: (
        "Napoleon lost the battle in the winter.",
        "During the war the city was destroyed.",
        "The Romans ruled here for three hundred years.",
    ),
    C.ARCHITECTURE: (
        "The architect wants a flat roof and wooden walls.",
        "This cathedral took a hundred years to build.",
        "We add a second floor and move the staircase.",
    ),
    C.MUSIC: (
        "Our band plays a concert on Saturday.",
        "I love that song, the drums are fantastic.",
        "He practises the violin every day.",
    ),
    C.WEATHER: (
        "It will rain all weekend, says the forecast.",
        "What a storm, and it's getting colder.",
        "Thirty degrees and not a cloud in the sky.",
    ),
    C.NEWS: (
        "Did you see the headline this morning?",
        "On the news they said that there was an earthquake.",
        "All the channels report about the fire.",
    ),
    C.ENTERTAINMENT: (
        "We watched a film last night, the actor was brilliant.",
        "Which series are you watching at the moment?",
        "The jokes in that show are so silly.",
    ),
    C.PSYCHOLOGY: (
        "I feel anxious and I don't know why.",
        "My therapist says I should notice my thoughts.",
        "I lose my temper and feel guilty afterwards.",
    ),
    C.REAL: (
        "The landlord raises the rent of our apartment.",
        "The estate agent showed us a flat with a balcony.",
        "We're moving out, and the deposit isn't paid back yet.",
    ),
    C.DESIGN: (
        "Let's pick another font and a brighter background.",
        "Move the button to the right, the layout looks crowded.",
        "Which curtains go with the sofa?",
    ),
    C.FAMILY: (
        "My mother and my brother are coming for Christmas.",
        "My uncle turned sixty and the whole family was there.",
        "All my cousins were at the wedding of my sister.",
    ),
    C.ECONOMICS: (
        "Inflation rises and wages don't keep up.",
        "The markets fell after the figures on growth.",
        "A strong currency makes imports cheap.",
    ),
    C.ENVIRONMENT: (
        "We should recycle more and use less plastic.",
        "They cut down the forest for a motorway.",
        "Climate change makes the summers hotter every year.",
    ),
}
