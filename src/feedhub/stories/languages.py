# ruff: noqa: RUF001 (words are spelled in the letters of their languages)
"""What little is known of languages beforehand: words that say nothing, and names of days and months."""

from __future__ import annotations

__all__ = ["CALENDAR", "COMMON", "LONG_NAMES", "MONTHS"]

# Words that hold sentences together, and those that stand in headlines about anything.
COMMON = {
    "en": """
        a about after again all also am an and any are as at back be because been before being best between big
        but by can could day did do does down each first for from get had has have he her here him his how i if in
        into is it its just know last latest like live made make makes may me more most my new news next no not
        now of off on one only or other our out over own people photos plan report reports right said same say
        says see set she should so some still such take than that the their them then there these they this those
        three through time to today told too top two under until up update us use very video want was watch way we
        week well were what when where which while who why will with world would year years you your
    """,
    "de": """
        aber alle als am an auch auf aus bei bis da das dass dem den der des die doch durch ein eine einem einen
        einer er es für gegen haben hat ich ihr ihre im in ist ja jahr jahre jetzt kann kein keine man mehr mit
        nach neue nicht noch nur oder sagt sein seine sich sie sind so tag über um und uns unter vom von vor war
        was wegen wenn werden wie wieder will wir wird wurde zu zum zur zwei zwischen
    """,
    "es": """
        a al año años ante antes aún como con contra cuando de del desde día donde dos durante el ella en entre es
        ese esta este esto está fue ha han hasta hay hoy la las le les lo los más me mi muy nada ni no nos nueva
        nuevo o otra otro para pero por porque primer puede que qué quién se según ser sí si sin sobre son su sus
        también tiene todo todos tras tres un una uno y ya
    """,
    "fr": """
        a après au aussi aux avant avec bien c ce ces cette comme contre d dans de depuis des deux dont du elle en
        encore entre est et être fait faire ils il j je jour l la le les leur lors mais même moins n ne ni nos
        notre nous on ont ou où par pas peut plus pour qu quand que qui s sa sans se selon ses si son sont sous
        sur tous tout très trois un une va vers vous y ans
    """,
    "it": """
        a ad ai al alla alle anche anni anno che chi ci come con contro così cosa da dai dal dalla dei del della
        delle di dopo dove due e è ecco ed era fa fra gli ha hanno i il in io la le lo loro ma mai nei nel nella
        no noi non o oggi ogni per perché più poi prima quando questa questo qui se sempre senza si sia sono su
        sua sui sul sulla suo tra tre tutti tutto un una uno
    """,
    "nl": """
        aan af al alle als bij dan dat de deze die dit door dus een en er gaat geen had heeft het hij hoe hun ik
        in is je jaar kan maar meer men met na naar niet nieuwe nog nu of om omdat onder ook op over te tegen toch
        toen tot twee uit van veel voor waar want was wat we weer wel werd wie wil worden wordt ze zich zijn zo
        zonder
    """,
    "pt": """
        a à ano anos ao aos após as às até com como contra da das de depois desde dia dois do dos duas e é ela ele
        em entre era essa esse esta está este eu faz foi há hoje isso já mais mas me mesmo muito na nas não nem no
        nos nova novo num numa o onde os ou para pela pelo pode por porque quando que quem são se sem ser seu seus
        sobre sua suas também tem ter teve três tudo um uma vai veja você
    """,
    "ru": """
        а без более был была были было быть в вам вас во вот все всех вы где год года году да два день для до его
        ее если есть еще же за и из или им их к как когда кто ли мы на над не него нет но о об он она они от перед
        по под после при про с сам со стал так также там то том тот ты у уже чем через что чтобы эта эти это этот
        я
    """,
    "sl": """
        a ali bi bil bila bo brez da do dan danes dva ga in iz je jih k kaj kako kdo ker ki ko kot le leta leto
        med na nad ne ni njegov o ob od po pod pred preko pri s še se si sta smo so ta te to tri tudi v več za
        zakaj zaradi z že
    """,
    "ar": """
        أن أو إلى الذي التي اليوم إن بعد بين ثم حتى حول خلال ذلك على عام عن عند غير في قبل قد كان كانت كل كما لا
        لم ما مع من منذ هذا هذه هل هو هي و يوم
    """,
}
# ISO 639-3 names of the same languages.
LONG_NAMES = {
    "eng": "en", "deu": "de", "ger": "de", "spa": "es", "fra": "fr", "fre": "fr", "ita": "it", "nld": "nl", "dut": "nl",
    "por": "pt", "rus": "ru", "slv": "sl", "ara": "ar",
}  # fmt: skip
# English, German, French, Spanish, Portuguese, Italian, Dutch.
_DAYS = """
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag
    sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
    segunda terça quarta quinta sexta lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag
    woensdag donderdag vrijdag zaterdag zondag
"""
_MONTHS = """
    january february march april may june july august september october november december januar februar märz mai
    juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero
    febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro março maio
    junho julho setembro outubro novembro dezembro gennaio febbraio aprile maggio giugno luglio settembre ottobre
    dicembre januari februari maart augustus
"""
MONTHS = frozenset(_MONTHS.split())
CALENDAR = MONTHS | frozenset(_DAYS.split())
