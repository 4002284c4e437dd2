-- Films with sound, from the first talkies to the 1960s, that are in the public domain.
-- The synopses are this project's own words.

insert into demo.title (kind, key, title, original_title, year, minutes, genres, rating, countries,
                        popularity, crew, players, synopsis)
select 'movie', 'film:' || public.slug(f.title) || '-' || f.year, f.*
from (values
	('Steamboat Willie', null, 1928, 8, 'animation, comedy, musical, short',
	 '0+', 'US', 850, 'director: Walt Disney; director: Ub Iwerks; producer: Walt Disney',
	 'Walt Disney = Mickey, Minnie and Pete (voices)',
	 'A deckhand mouse would rather whistle than work, to the displeasure of his captain. '
	 'With a passenger, a goat and a galley full of pots he gives a concert.'),
	('The Skeleton Dance', null, 1929, 6, 'animation, comedy, musical, short',
	 '6+', 'US', 490, 'director: Walt Disney; composer: Carl W. Stalling', '',
	 'When the clock strikes midnight the churchyard belongs to four skeletons. '
	 'They dance, play on each other''s ribs and must be home by cock-crow.'),
	('The Blue Angel', 'Der blaue Engel', 1930, 108, 'drama, romance',
	 '12+', 'DE', 590, 'director: Josef von Sternberg; producer: Erich Pommer; composer: Friedrich '
	 'Hollaender',
	 'Emil Jannings = Professor Immanuel Rath; Marlene Dietrich = Lola Lola; Kurt Gerron = '
	 'Kiepert; '
	 'Rosa Valetti = Guste',
	 'A strict schoolmaster goes to a night-club to catch his pupils and stays for the singer. '
	 'He gives up his post for her, and afterwards everything else.'),
	('All Quiet on the Western Front', null, 1930, 152, 'war, drama',
	 '16+', 'US', 820, 'director: Lewis Milestone; writer: Maxwell Anderson; producer: Carl '
	 'Laemmle Jr.',
	 'Lew Ayres = Paul Bäumer; Louis Wolheim = Stanislaus Katczinsky; John Wray = Himmelstoss',
	 'A class of German schoolboys is talked into uniform by its teacher. At the front they learn '
	 'from an '
	 'old soldier how to eat, hide and stay alive, and grow fewer.'),
	('White Zombie', null, 1932, 67, 'horror',
	 '12+', 'US', 400, 'director: Victor Halperin; writer: Garnett Weston; producer: Edward '
	 'Halperin',
	 'Bela Lugosi = Murder Legendre; Madge Bellamy = Madeleine Short; John Harron = Neil Parker; '
	 'Joseph Cawthorn = Dr. Bruner',
	 'A planter in Haiti asks the owner of a sugar mill for help in winning another man''s bride. '
	 'The mill''s workers do not speak, do not sleep and do not breathe.'),
	('The Most Dangerous Game', null, 1932, 63, 'thriller, adventure, horror',
	 '16+', 'US', 480, 'director: Irving Pichel; director: Ernest B. Schoedsack; composer: Max '
	 'Steiner',
	 'Joel McCrea = Bob Rainsford; Fay Wray = Eve Trowbridge; Leslie Banks = Count Zaroff; '
	 'Robert Armstrong = Martin Trowbridge',
	 'A hunter is washed ashore on the island of a count who is tired of ordinary game. '
	 'He is offered a knife, the jungle and a start until midnight.'),
	('My Man Godfrey', null, 1936, 94, 'comedy, romance',
	 '6+', 'US', 570, 'director: Gregory La Cava; writer: Morrie Ryskind; producer: Charles R. '
	 'Rogers',
	 'William Powell = Godfrey; Carole Lombard = Irene Bullock; Alice Brady = Angelica Bullock; '
	 'Gail Patrick = Cornelia Bullock',
	 'An heiress needs a forgotten man to win a scavenger hunt and brings home a butler. '
	 'He keeps the house in order and his past to himself.'),
	('Popeye the Sailor Meets Sindbad the Sailor', null, 1936, 16,
	 'animation, comedy, adventure, short',
	 '0+', 'US', 460, 'director: Dave Fleischer; producer: Max Fleischer',
	 'Jack Mercer = Popeye (voice); Gus Wickie = Sindbad (voice); Mae Questel = Olive Oyl (voice)',
	 'On an island of monsters lives the most remarkable, extraordinary sailor, by his own '
	 'account. '
	 'Another sailor passes by with a tin of spinach.'),
	('A Star Is Born', null, 1937, 111, 'drama, romance',
	 '9+', 'US', 620, 'director: William A. Wellman; producer: David O. Selznick; composer: Max '
	 'Steiner',
	 'Janet Gaynor = Esther Blodgett / Vicki Lester; Fredric March = Norman Maine; '
	 'Adolphe Menjou = Oliver Niles',
	 'A farm girl comes to Hollywood and meets a star who drinks. He opens the door for her, '
	 'and as her name goes up on the posters his comes down.'),
	('Nothing Sacred', null, 1937, 77, 'comedy, romance',
	 '9+', 'US', 420, 'director: William A. Wellman; writer: Ben Hecht; producer: David O. '
	 'Selznick',
	 'Carole Lombard = Hazel Flagg; Fredric March = Wally Cook; Charles Winninger = Dr. Enoch '
	 'Downer; '
	 'Walter Connolly = Oliver Stone',
	 'A reporter in disgrace finds a small-town girl who is dying bravely, and New York adores '
	 'her. '
	 'She has just learned that she is perfectly well.'),
	('Gulliver''s Travels', null, 1939, 76, 'animation, adventure, family, musical',
	 '0+', 'US', 660, 'director: Dave Fleischer; producer: Max Fleischer; composer: Victor Young',
	 'Sam Parker = Gulliver (voice); Pinto Colvig = Gabby (voice); Jessica Dragonette = Princess '
	 'Glory (voice); '
	 'Lanny Ross = Prince David (voice)',
	 'A giant lies on the beach of Lilliput, whose king is at war over a wedding song. '
	 'Once untied he proves easier to talk to than either of the neighbours.'),
	('The Little Princess', null, 1939, 93, 'family, drama, musical',
	 '0+', 'US', 550, 'director: Walter Lang; producer: Darryl F. Zanuck',
	 'Shirley Temple = Sara Crewe; Richard Greene = Geoffrey Hamilton; Anita Louise = Rose; '
	 'Ian Hunter = Captain Crewe; Mary Nash = Amanda Minchin',
	 'Sara has the best room of the boarding school until news comes that her father is lost in '
	 'the war. '
	 'From the attic she goes on looking for him in every hospital.'),
	('His Girl Friday', null, 1940, 92, 'comedy, romance',
	 '6+', 'US', 910, 'director: Howard Hawks; writer: Charles Lederer; producer: Howard Hawks',
	 'Cary Grant = Walter Burns; Rosalind Russell = Hildy Johnson; Ralph Bellamy = Bruce Baldwin; '
	 'Gene Lockhart = Sheriff Hartwell',
	 'The best reporter in town looks in to tell her editor, once her husband, that she is '
	 'marrying again. '
	 'He has one last story for her, and about an hour to talk her out of it.'),
	('Meet John Doe', null, 1941, 122, 'drama, comedy, romance',
	 '6+', 'US', 500, 'director: Frank Capra; writer: Robert Riskin; composer: Dimitri Tiomkin',
	 'Gary Cooper = John Willoughby; Barbara Stanwyck = Ann Mitchell; Edward Arnold = D. B. '
	 'Norton; '
	 'Walter Brennan = The Colonel',
	 'A columnist about to lose her job invents a man who will jump on Christmas Eve in protest. '
	 'A tramp is hired to be him, and the whole country begins to listen.'),
	('Superman', null, 1941, 10, 'animation, adventure, science-fiction, short',
	 '6+', 'US', 680, 'director: Dave Fleischer; producer: Max Fleischer; composer: Sammy Timberg',
	 'Bud Collyer = Superman / Clark Kent (voice); Joan Alexander = Lois Lane (voice)',
	 'A mad scientist aims a ray at the city, and Lois Lane flies off to interview him alone. '
	 'It is fortunate that her mild colleague has another suit.'),
	('Jungle Book', null, 1942, 108, 'adventure, family, fantasy',
	 '6+', 'US', 630, 'director: Zoltan Korda; producer: Alexander Korda; composer: Miklós Rózsa',
	 'Sabu = Mowgli; Joseph Calleia = Buldeo; Rosemary DeCamp = Messua; Patricia O''Rourke = '
	 'Mahala',
	 'A boy raised by wolves comes back to the village where he was born and learns its ways. '
	 'When men hear of a lost city full of gold, the jungle has to be defended from them.'),
	('Detour', null, 1945, 68, 'film-noir, crime, thriller',
	 '12+', 'US', 540, 'director: Edgar G. Ulmer; writer: Martin Goldsmith; producer: Leon '
	 'Fromkess',
	 'Tom Neal = Al Roberts; Ann Savage = Vera; Claudia Drake = Sue Harvey; Edmund MacDonald = '
	 'Charles Haskell Jr.',
	 'A pianist hitches to California, and the man who picked him up is suddenly dead. '
	 'He takes the car and the name, and then offers a lift to the one woman who knows better.'),
	('Scarlet Street', null, 1945, 102, 'film-noir, crime, drama',
	 '16+', 'US', 520, 'director: Fritz Lang; writer: Dudley Nichols; producer: Walter Wanger',
	 'Edward G. Robinson = Christopher Cross; Joan Bennett = Kitty March; Dan Duryea = Johnny '
	 'Prince; '
	 'Margaret Lindsay = Millie Ray',
	 'A cashier who paints on Sundays helps a young woman in the rain and lets her think he is '
	 'rich. '
	 'Her friend sees money in it, then in the pictures.'),
	('The Stranger', null, 1946, 95, 'film-noir, thriller',
	 '12+', 'US', 600, 'director: Orson Welles; writer: Anthony Veiller; producer: Sam Spiegel',
	 'Edward G. Robinson = Mr. Wilson; Loretta Young = Mary Longstreet; '
	 'Orson Welles = Franz Kindler / Charles Rankin; Konstantin Shayne = Konrad Meinike',
	 'A hunter of war criminals follows a frightened man to a quiet college town in Connecticut. '
	 'The newly married history master there has a passion for clocks.'),
	('Angel and the Badman', null, 1947, 100, 'western, romance',
	 '6+', 'US', 470, 'director: James Edward Grant; writer: James Edward Grant; producer: John '
	 'Wayne',
	 'John Wayne = Quirt Evans; Gail Russell = Penelope Worth; Harry Carey = Marshal Wistful '
	 'McClintock; '
	 'Bruce Cabot = Laredo Stevens',
	 'A wounded gunman is nursed by a family of Quakers. He would like to stay, '
	 'but there are people who do not believe that he has hung up his gun.'),
	('The Inspector General', null, 1949, 102, 'comedy, musical, family',
	 '0+', 'US', 430, 'director: Henry Koster; producer: Jerry Wald; composer: Johnny Green',
	 'Danny Kaye = Georgi; Walter Slezak = Yakov; Barbara Bates = Leza; Elsa Lanchester = Maria',
	 'A corrupt little town expects an inspector in disguise and takes a hungry pedlar''s helper '
	 'for him. '
	 'He cannot read, but he can sing his way out of nearly anything.'),
	('D.O.A.', null, 1950, 83, 'film-noir, crime, mystery',
	 '12+', 'US', 610, 'director: Rudolph Maté; writer: Russell Rouse; composer: Dimitri Tiomkin',
	 'Edmond O''Brien = Frank Bigelow; Pamela Britton = Paula Gibson; Luther Adler = Majak; '
	 'Neville Brand = Chester',
	 'A man walks into a police station to report a murder: his own. He has been given a slow '
	 'poison, '
	 'and a day or two to find out by whom, and why.'),
	('Royal Wedding', null, 1951, 93, 'musical, comedy, romance',
	 '0+', 'US', 510, 'director: Stanley Donen; writer: Alan Jay Lerner; producer: Arthur Freed',
	 'Fred Astaire = Tom Bowen; Jane Powell = Ellen Bowen; Peter Lawford = Lord John Brindale; '
	 'Sarah Churchill = Anne Ashmond',
	 'A brother and sister take their show to London in the year of a royal wedding. '
	 'Both fall in love, and one of them dances on the ceiling.'),
	('Kansas City Confidential', null, 1952, 99, 'film-noir, crime, thriller',
	 '12+', 'US', 440, 'director: Phil Karlson; producer: Edward Small',
	 'John Payne = Joe Rolfe; Coleen Gray = Helen Foster; Preston Foster = Tim Foster; Lee Van '
	 'Cleef = Tony Romano',
	 'Four masked men who have never seen each other''s faces rob a bank, and a van driver is '
	 'blamed. '
	 'He goes to Mexico in the place of one of them to meet the rest.'),
	('The Hitch-Hiker', null, 1953, 71, 'film-noir, thriller, crime',
	 '16+', 'US', 490, 'director: Ida Lupino; writer: Collier Young; producer: Collier Young',
	 'Edmond O''Brien = Roy Collins; Frank Lovejoy = Gilbert Bowen; William Talman = Emmett Myers',
	 'Two friends on a fishing trip stop for a man by the road. He has a gun, an eye that never '
	 'closes, '
	 'and will let them live as long as they are useful.'),
	('Beat the Devil', null, 1953, 89, 'comedy, adventure, crime',
	 '9+', 'GB, IT, US', 480, 'director: John Huston; writer: Truman Capote; writer: John Huston',
	 'Humphrey Bogart = Billy Dannreuther; Jennifer Jones = Gwendolen Chelm; '
	 'Gina Lollobrigida = Maria Dannreuther; Robert Morley = Peterson; Peter Lorre = Julius '
	 'O''Hara',
	 'Some very dubious gentlemen wait in an Italian port for a ship to Africa, where there is '
	 'uranium. '
	 'Meanwhile a respectable English lady tells lies that are better than theirs.'),
	('House on Haunted Hill', null, 1959, 75, 'horror, mystery, thriller',
	 '16+', 'US', 730, 'director: William Castle; writer: Robb White; producer: William Castle',
	 'Vincent Price = Frederick Loren; Carol Ohmart = Annabelle Loren; Richard Long = Lance '
	 'Schroeder; '
	 'Elisha Cook Jr. = Watson Pritchard',
	 'A millionaire offers five strangers ten thousand dollars each to spend one night in a house '
	 'of murders. '
	 'The doors lock at midnight, and the party favours are loaded.'),
	('The Little Shop of Horrors', null, 1960, 72, 'comedy, horror',
	 '12+', 'US', 670, 'director: Roger Corman; writer: Charles B. Griffith; producer: Roger '
	 'Corman',
	 'Jonathan Haze = Seymour Krelboin; Jackie Joseph = Audrey Fulquard; Mel Welles = Gravis '
	 'Mushnick; '
	 'Jack Nicholson = Wilbur Force',
	 'A clumsy assistant saves a flower shop with a plant nobody has seen before. '
	 'It grows, it talks, and it wants to be fed.'),
	('Carnival of Souls', null, 1962, 78, 'horror, mystery',
	 '16+', 'US', 650, 'director: Herk Harvey; writer: John Clifford; composer: Gene Moore',
	 'Candace Hilligoss = Mary Henry; Sidney Berger = John Linden; Frances Feist = Mrs. Thomas; '
	 'Herk Harvey = The Man',
	 'The only survivor of a car that went off a bridge takes a post as a church organist in Utah. '
	 'A pale man follows her, and an empty pavilion by the lake seems to be waiting.'),
	('Charade', null, 1963, 113, 'comedy, mystery, romance, thriller',
	 '9+', 'US', 970, 'director: Stanley Donen; writer: Peter Stone; composer: Henry Mancini',
	 'Cary Grant = Peter Joshua; Audrey Hepburn = Regina Lampert; Walter Matthau = Hamilton '
	 'Bartholomew; '
	 'James Coburn = Tex Panthollow; George Kennedy = Herman Scobie',
	 'Regina comes home to Paris to an empty flat and a dead husband. Three of his old comrades '
	 'are sure '
	 'that she has their money, and the one man on her side keeps changing his name.'),
	('Dementia 13', null, 1963, 75, 'horror, thriller',
	 '18+', 'US, IE', 410, 'director: Francis Ford Coppola; writer: Francis Ford Coppola; '
	 'producer: Roger Corman',
	 'William Campbell = Richard Haloran; Luana Anders = Louise Haloran; Patrick Magee = Justin '
	 'Caleb; '
	 'Bart Patton = Billy Haloran',
	 'A widow hides her husband''s death to keep her place in his mother''s will. At the family''s '
	 'Irish '
	 'castle, where they mourn a drowned child every year, somebody has an axe.'),
	('The Last Man on Earth', 'L''ultimo uomo della Terra', 1964, 86, 'horror, science-fiction',
	 '16+', 'IT, US', 580, 'director: Ubaldo Ragona; director: Sidney Salkow; writer: Richard '
	 'Matheson',
	 'Vincent Price = Robert Morgan; Franca Bettoia = Ruth Collins; Emma Danieli = Virginia '
	 'Morgan; '
	 'Giacomo Rossi-Stuart = Ben Cortman',
	 'By day a scientist clears the streets of those whom the plague has changed; by night they '
	 'call his name. '
	 'After three years he meets a woman who walks in sunlight.'),
	('Santa Claus Conquers the Martians', null, 1964, 81,
	 'family, children, science-fiction, comedy',
	 '0+', 'US', 370, 'director: Nicholas Webster; producer: Paul L. Jacobson',
	 'John Call = Santa Claus; Leonard Hicks = Kimar; Vincent Beck = Voldar; Pia Zadora = Girmar',
	 'The children of Mars only watch Earth''s television and have forgotten how to play. '
	 'Their leader decides that Mars needs a Santa Claus, and there is only one to be had.'),
	('Night of the Living Dead', null, 1968, 96, 'horror, thriller',
	 '18+', 'US', 985, 'director: George A. Romero; writer: John A. Russo; writer: George A. '
	 'Romero',
	 'Duane Jones = Ben; Judith O''Dea = Barbra; Karl Hardman = Harry Cooper; Marilyn Eastman = '
	 'Helen Cooper; '
	 'Russell Streiner = Johnny',
	 'Seven strangers board up a farmhouse against the dead, who have begun to walk. '
	 'Through the long night they cannot even agree whether the cellar is a shelter or a trap.')
) f (title, original_title, year, minutes, genres, rating, countries, popularity, crew, players,
     synopsis);

-- Leaving soon.
update demo.title set closes_in = 19 where key = 'film:nothing-sacred-1937';

call demo.add_titles();
