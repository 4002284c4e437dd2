-- Films of the silent era that are in the public domain, with who made them and who is in them.
-- The synopses are this project's own words.

insert into demo.title (kind, key, title, original_title, year, minutes, genres, rating, countries,
                        popularity, crew, players, synopsis)
select 'movie', 'film:' || public.slug(f.title) || '-' || f.year, f.*
from (values
	('A Trip to the Moon', 'Le Voyage dans la Lune', 1902, 14,
	 'science-fiction, fantasy, short, silent',
	 '0+', 'FR', 870, 'director: Georges Méliès; writer: Georges Méliès',
	 'Georges Méliès = Professor Barbenfouillis; Bleuette Bernon = Phoebe; Henri Delannoy = '
	 'Captain of the Rocket',
	 'Six astronomers have themselves fired at the Moon from an enormous gun. They land in its '
	 'right eye, '
	 'find mushrooms and excitable inhabitants, and need a quick way home.'),
	('The Great Train Robbery', null, 1903, 12, 'western, crime, short, silent',
	 '9+', 'US', 540, 'director: Edwin S. Porter; writer: Edwin S. Porter',
	 'Gilbert M. Anderson = Various roles; Justus D. Barnes = Leader of the outlaws; Alfred C. '
	 'Abadie = Sheriff',
	 'Four outlaws overpower a telegraph operator, stop a train and take all that is worth taking. '
	 'Then a posse rides out after them.'),
	('Gertie the Dinosaur', null, 1914, 12, 'animation, comedy, short, silent',
	 '0+', 'US', 410, 'director: Winsor McCay; writer: Winsor McCay',
	 'Winsor McCay = Himself; George McManus = Himself',
	 'A cartoonist wagers that he can bring a dinosaur to life with ink and patience. '
	 'Gertie dances, drinks a lake dry and does not always do as she is told.'),
	('The Cabinet of Dr. Caligari', 'Das Cabinet des Dr. Caligari', 1920, 76,
	 'horror, mystery, silent',
	 '12+', 'DE', 905, 'director: Robert Wiene; writer: Carl Mayer; writer: Hans Janowitz',
	 'Werner Krauss = Dr. Caligari; Conrad Veidt = Cesare; Friedrich Feher = Francis; Lil Dagover '
	 '= Jane; '
	 'Hans Heinrich von Twardowski = Alan',
	 'A showman brings a sleepwalker who can tell the future to the fair of a crooked little town. '
	 'When people begin to die in the night, a young man follows the trail to a very unexpected '
	 'door.'),
	('The Golem: How He Came into the World', 'Der Golem, wie er in die Welt kam', 1920, 76,
	 'horror, fantasy, silent',
	 '12+', 'DE', 520, 'director: Paul Wegener; director: Carl Boese; writer: Henrik Galeen',
	 'Paul Wegener = The Golem; Albert Steinrück = Rabbi Loew; Lyda Salmonova = Miriam; Ernst '
	 'Deutsch = The Famulus',
	 'The Emperor orders the Jews out of Prague, and a rabbi shapes a giant of clay to protect '
	 'them. '
	 'The servant works tirelessly until it learns to want something for itself.'),
	('Dr. Jekyll and Mr. Hyde', null, 1920, 79, 'horror, drama, silent',
	 '12+', 'US', 480, 'director: John S. Robertson; writer: Clara Beranger',
	 'John Barrymore = Dr. Henry Jekyll / Mr. Edward Hyde; Martha Mansfield = Millicent Carewe; '
	 'Nita Naldi = Gina; Brandon Hurst = Sir George Carewe',
	 'A charitable London doctor finds a way to give his worse nature a body of its own. '
	 'Each time he lets it out, it is harder to call back.'),
	('The Mark of Zorro', null, 1920, 79, 'adventure, western, silent',
	 '6+', 'US', 560, 'director: Fred Niblo; writer: Douglas Fairbanks',
	 'Douglas Fairbanks = Don Diego Vega / Zorro; Marguerite De La Motte = Lolita Pulido; '
	 'Robert McKim = Captain Juan Ramon; Noah Beery = Sergeant Pedro Gonzales',
	 'By day Don Diego can hardly be bothered to stay awake. By night a masked rider carves a Z '
	 'wherever the governor of California has been unjust.'),
	('One Week', null, 1920, 19, 'comedy, short, silent',
	 '0+', 'US', 500, 'director: Edward F. Cline; director: Buster Keaton',
	 'Buster Keaton = The Groom; Sybil Seely = The Bride; Joe Roberts = Piano mover',
	 'Newly-weds are given a house in numbered boxes, and a rival has changed the numbers. '
	 'They build it all the same, and for seven days it does its worst.'),
	('The Kid', null, 1921, 68, 'comedy, drama, family, silent',
	 '0+', 'US', 930, 'director: Charlie Chaplin; writer: Charlie Chaplin; composer: Charlie '
	 'Chaplin',
	 'Charlie Chaplin = The Tramp; Jackie Coogan = The Kid; Edna Purviance = The Woman; Carl '
	 'Miller = The Man',
	 'A tramp finds a baby in an alley and cannot get rid of him, then would not dream of it. '
	 'Five years later the two are partners in a small window-glass business, and the orphanage '
	 'knocks.'),
	('The Phantom Carriage', 'Körkarlen', 1921, 107, 'horror, drama, fantasy, silent',
	 '12+', 'SE', 470, 'director: Victor Sjöström; writer: Victor Sjöström',
	 'Victor Sjöström = David Holm; Hilda Borgström = Mrs. Holm; Tore Svennberg = Georges; Astrid '
	 'Holm = Edit',
	 'Whoever dies last on New Year''s Eve must drive Death''s carriage for a year. '
	 'As midnight strikes, a drunkard meets the driver and is made to look back at what he has '
	 'done.'),
	('Nosferatu', 'Nosferatu, eine Symphonie des Grauens', 1922, 94, 'horror, fantasy, silent',
	 '12+', 'DE', 990, 'director: F. W. Murnau; writer: Henrik Galeen',
	 'Max Schreck = Count Orlok; Gustav von Wangenheim = Thomas Hutter; Greta Schröder = Ellen '
	 'Hutter; '
	 'Alexander Granach = Knock',
	 'An estate agent''s clerk travels to the Carpathians to sell a house to a very thin nobleman. '
	 'The buyer sails for his new home with coffins full of earth, and the plague goes with him.'),
	('Häxan: Witchcraft Through the Ages', 'Häxan', 1922, 105,
	 'horror, documentary, history, silent',
	 '16+', 'SE, DK', 455, 'director: Benjamin Christensen; writer: Benjamin Christensen',
	 'Benjamin Christensen = The Devil; Maren Pedersen = The Witch; Clara Pontoppidan = A nun; '
	 'Oscar Stribolt = The fat monk',
	 'An essay on how people came to believe in witches, acted out with frightening invention. '
	 'From demons in old books it goes on to trials, torture and what later doctors made of it.'),
	('Nanook of the North', null, 1922, 79, 'documentary, silent',
	 '6+', 'US', 390, 'director: Robert J. Flaherty; producer: Robert J. Flaherty',
	 'Allakariallak = Nanook; Alice Nevalinga = Nyla',
	 'A hunter and his family live through a year in the Canadian Arctic. They trade furs, build a '
	 'house '
	 'of snow and go after walrus; some of it was staged, and all of it was cold.'),
	('Dr. Mabuse, the Gambler', 'Dr. Mabuse, der Spieler', 1922, 242, 'crime, thriller, silent',
	 '12+', 'DE', 430, 'director: Fritz Lang; writer: Thea von Harbou; writer: Fritz Lang',
	 'Rudolf Klein-Rogge = Dr. Mabuse; Bernhard Goetzke = State Prosecutor von Wenk; '
	 'Aud Egede-Nissen = Cara Carozza; Gertrude Welcker = Countess Told; Alfred Abel = Count Told',
	 'A master of disguise and hypnosis plays with Berlin''s stock exchange, its card tables and '
	 'its nerves. '
	 'A public prosecutor tries to learn the name behind all the faces.'),
	('Safety Last!', null, 1923, 73, 'comedy, romance, silent',
	 '0+', 'US', 760, 'director: Fred C. Newmeyer; director: Sam Taylor; producer: Hal Roach',
	 'Harold Lloyd = The Boy; Mildred Davis = The Girl; Bill Strother = The Pal; Noah Young = The '
	 'Law',
	 'A shop assistant has let his sweetheart believe that he runs the store. To make it come true '
	 'he '
	 'arranges a stunt on its outer wall, and must climb all twelve floors himself.'),
	('The Hunchback of Notre Dame', null, 1923, 133, 'drama, history, horror, silent',
	 '9+', 'US', 510, 'director: Wallace Worsley; producer: Carl Laemmle',
	 'Lon Chaney = Quasimodo; Patsy Ruth Miller = Esmeralda; Norman Kerry = Phoebus; Ernest '
	 'Torrence = Clopin',
	 'The deaf bell-ringer of the cathedral is whipped in the square, and only a dancer brings him '
	 'water. '
	 'When the mob comes for her he turns the whole church into a fortress.'),
	('Sherlock Jr.', null, 1924, 45, 'comedy, fantasy, silent',
	 '0+', 'US', 890, 'director: Buster Keaton; writer: Clyde Bruckman; writer: Jean Havez',
	 'Buster Keaton = The Projectionist / Sherlock Jr.; Kathryn McGuire = The Girl; '
	 'Joe Keaton = The Girl''s Father; Ward Crane = The Local Sheik',
	 'Blamed for a stolen watch, a projectionist falls asleep at his machine and walks into the '
	 'picture. '
	 'There he is the greatest detective in the world, if only the film would stop changing around '
	 'him.'),
	('The Thief of Bagdad', null, 1924, 155, 'adventure, fantasy, family, silent',
	 '6+', 'US', 640, 'director: Raoul Walsh; producer: Douglas Fairbanks',
	 'Douglas Fairbanks = Ahmed; Julanne Johnston = The Princess; Anna May Wong = The Mongol '
	 'Slave; '
	 'Sôjin Kamiyama = The Mongol Prince',
	 'A thief who takes what he likes falls for a princess and finds that she cannot be stolen. '
	 'To earn her he rides through fire, under the sea and to the Moon.'),
	('The Last Laugh', 'Der letzte Mann', 1924, 90, 'drama, silent',
	 '6+', 'DE', 380, 'director: F. W. Murnau; writer: Carl Mayer',
	 'Emil Jannings = The Hotel Porter; Maly Delschaft = His Niece; Max Hiller = Her Bridegroom',
	 'The porter of a grand hotel lives for his uniform. One day he is found too old for it and '
	 'sent down '
	 'to mind the wash-room, and must go home without it.'),
	('The Gold Rush', null, 1925, 95, 'comedy, adventure, silent',
	 '0+', 'US', 880, 'director: Charlie Chaplin; writer: Charlie Chaplin; producer: Charlie '
	 'Chaplin',
	 'Charlie Chaplin = The Lone Prospector; Georgia Hale = Georgia; Mack Swain = Big Jim McKay; '
	 'Tom Murray = Black Larsen',
	 'A small prospector shares a cabin, a boot and a blizzard with a very hungry giant. '
	 'In town he falls in love, and lays a table for New Year''s Eve.'),
	('Battleship Potemkin', 'Броненосец «Потёмкин»', 1925, 75, 'drama, history, war, silent',
	 '12+', 'SU', 840, 'director: Sergei Eisenstein; writer: Nina Agadzhanova',
	 'Aleksandr Antonov = Vakulinchuk; Vladimir Barsky = Commander Golikov; '
	 'Grigori Aleksandrov = Chief Officer Giliarovsky',
	 'Maggots in the meat turn a crew against its officers in 1905. Odessa comes out to greet the '
	 'ship, '
	 'and then the soldiers march down the steps.'),
	('The Phantom of the Opera', null, 1925, 107, 'horror, romance, silent',
	 '12+', 'US', 790, 'director: Rupert Julian; producer: Carl Laemmle',
	 'Lon Chaney = Erik, the Phantom; Mary Philbin = Christine Daaé; Norman Kerry = Raoul de '
	 'Chagny; '
	 'Arthur Edmund Carewe = Ledoux',
	 'A voice behind the wall teaches an understudy to sing and demands the lead for her. '
	 'Below the opera house she finds out who has been teaching, and what is under the mask.'),
	('The Lost World', null, 1925, 106, 'adventure, fantasy, science-fiction, silent',
	 '6+', 'US', 600, 'director: Harry O. Hoyt; writer: Marion Fairfax',
	 'Wallace Beery = Professor Challenger; Bessie Love = Paula White; Lewis Stone = Sir John '
	 'Roxton; '
	 'Lloyd Hughes = Edward Malone',
	 'Nobody believes Professor Challenger''s tale of living dinosaurs, so he leads an expedition '
	 'to them. '
	 'Bringing one back to London is a mistake.'),
	('The Freshman', null, 1925, 76, 'comedy, family, silent',
	 '0+', 'US', 450, 'director: Fred C. Newmeyer; director: Sam Taylor',
	 'Harold Lloyd = Harold Lamb; Jobyna Ralston = Peggy; Brooks Benedict = The College Cad',
	 'A young man has learned from the films how to be the most popular student at college. '
	 'He is the only one who does not see that all are laughing at him, until the last minute of '
	 'the match.'),
	('The General', null, 1926, 78, 'comedy, adventure, war, silent',
	 '6+', 'US', 960, 'director: Clyde Bruckman; director: Buster Keaton',
	 'Buster Keaton = Johnnie Gray; Marion Mack = Annabelle Lee; Glen Cavender = Captain Anderson; '
	 'Jim Farley = General Thatcher',
	 'An engine driver whom the army will not have sees his locomotive stolen with his girl '
	 'aboard. '
	 'He sets out alone to fetch both back, and then the whole front comes after him.'),
	('Faust', 'Faust – Eine deutsche Volkssage', 1926, 106, 'fantasy, drama, horror, silent',
	 '12+', 'DE', 465, 'director: F. W. Murnau; writer: Hans Kyser',
	 'Gösta Ekman = Faust; Emil Jannings = Mephisto; Camilla Horn = Gretchen; '
	 'Yvette Guilbert = Marthe Schwerdtlein',
	 'To save a town from the plague an old scholar calls on the Devil, who has made a wager over '
	 'him. '
	 'Help turns to youth, youth to desire, and somebody else pays for it.'),
	('The Adventures of Prince Achmed', 'Die Abenteuer des Prinzen Achmed', 1926, 65,
	 'animation, adventure, fantasy, family, silent',
	 '0+', 'DE', 580, 'director: Lotte Reiniger; writer: Lotte Reiniger; composer: Wolfgang '
	 'Zeller', '',
	 'A sorcerer''s flying horse carries a prince far beyond the lands he knows. Cut from black '
	 'paper and '
	 'moved frame by frame, he meets Peri Banu, Aladdin and a great many demons.'),
	('Metropolis', null, 1927, 153, 'science-fiction, drama, silent',
	 '9+', 'DE', 1000, 'director: Fritz Lang; writer: Thea von Harbou; composer: Gottfried '
	 'Huppertz',
	 'Brigitte Helm = Maria / The Machine-Man; Gustav Fröhlich = Freder; Alfred Abel = Joh '
	 'Fredersen; '
	 'Rudolf Klein-Rogge = Rotwang',
	 'Above, the sons of the rich play in gardens; below, ten-hour shifts feed the machines. '
	 'The master''s son goes down after a woman who preaches patience, and an inventor gives her a '
	 'double.'),
	('Sunrise: A Song of Two Humans', null, 1927, 94, 'drama, romance, silent',
	 '9+', 'US', 720, 'director: F. W. Murnau; writer: Carl Mayer',
	 'George O''Brien = The Man; Janet Gaynor = The Wife; Margaret Livingston = The Woman from the '
	 'City',
	 'A farmer is talked into drowning his wife and finds that he cannot. The two run on into the '
	 'city, '
	 'frightened, and spend the day falling in love again.'),
	('Wings', null, 1927, 144, 'war, drama, romance, silent',
	 '12+', 'US', 530, 'director: William A. Wellman; writer: Hope Loring; producer: Lucien '
	 'Hubbard',
	 'Clara Bow = Mary Preston; Charles Rogers = Jack Powell; Richard Arlen = David Armstrong; '
	 'Gary Cooper = Cadet White',
	 'Two rivals from one town become pilots and friends over the trenches of France. '
	 'The girl next door follows them to the war with an ambulance.'),
	('It', null, 1927, 72, 'comedy, romance, silent',
	 '9+', 'US', 350, 'director: Clarence G. Badger; writer: Elinor Glyn',
	 'Clara Bow = Betty Lou Spence; Antonio Moreno = Cyrus T. Waltham; William Austin = Monty '
	 'Montgomery',
	 'A shop girl sets her heart on the owner of the store, and she has that certain something. '
	 'A kindness to a friend with a baby gives him quite the wrong idea.'),
	('The Passion of Joan of Arc', 'La Passion de Jeanne d''Arc', 1928, 82,
	 'drama, history, silent',
	 '12+', 'FR', 700, 'director: Carl Theodor Dreyer; writer: Joseph Delteil',
	 'Renée Jeanne Falconetti = Joan of Arc; Eugène Silvain = Bishop Pierre Cauchon; '
	 'Antonin Artaud = Jean Massieu; Michel Simon = Jean Lemaître',
	 'A trial told in faces: a young woman of nineteen, and the judges who need her to say that '
	 'she lied. '
	 'Every word is from the record.'),
	('Steamboat Bill, Jr.', null, 1928, 70, 'comedy, family, silent',
	 '0+', 'US', 690, 'director: Charles Reisner; writer: Carl Harbaugh',
	 'Buster Keaton = William Canfield Jr.; Ernest Torrence = William Canfield; Marion Byron = '
	 'Kitty King; '
	 'Tom McGuire = John James King',
	 'A rough river captain awaits the son he has not seen for years, and a student with a ukulele '
	 'arrives. '
	 'It takes a cyclone to show which of them is any use on a boat.'),
	('The Crowd', null, 1928, 98, 'drama, romance, silent',
	 '9+', 'US', 360, 'director: King Vidor; writer: King Vidor; producer: Irving Thalberg',
	 'James Murray = John Sims; Eleanor Boardman = Mary Sims; Bert Roach = Bert',
	 'John was going to be somebody; he has desk 137 of several hundred. With his wife he learns '
	 'what a '
	 'life among millions gives, and what it takes away.'),
	('Man with a Movie Camera', 'Человек с киноаппаратом', 1929, 68, 'documentary, silent',
	 '9+', 'SU', 610, 'director: Dziga Vertov; writer: Dziga Vertov',
	 'Mikhail Kaufman = The Cameraman',
	 'A day in Soviet cities from waking to nightfall, with no story and no captions. '
	 'The camera climbs, splits, doubles and dances, and shows how it does it.'),
	('Pandora''s Box', 'Die Büchse der Pandora', 1929, 133, 'drama, crime, silent',
	 '16+', 'DE', 440, 'director: G. W. Pabst; writer: Ladislaus Vajda',
	 'Louise Brooks = Lulu; Fritz Kortner = Dr. Ludwig Schön; Francis Lederer = Alwa Schön; '
	 'Carl Goetz = Schigolch',
	 'Everybody wants Lulu, who lives for the evening and means no harm. From a Berlin wedding to '
	 'a London '
	 'garret, wanting her ruins them, and her.')
) f (title, original_title, year, minutes, genres, rating, countries, popularity, crew, players,
     synopsis);

-- Coming soon, and leaving soon.
update demo.title set opens_in = 12 where key = 'film:the-phantom-carriage-1921';
update demo.title set opens_in = 26 where key = 'film:pandora-s-box-1929';
update demo.title set closes_in = 9 where key = 'film:the-crowd-1928';

call demo.add_titles();
