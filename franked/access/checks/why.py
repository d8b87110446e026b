"""Why each thing that is checked matters, in a sentence."""

WHY = {
    "signer": "AWS answers a person of a company, not a form.",
    "business": "A vague use case is the first of the usual reasons of refusal.",
    "purpose": "AWS asks of each kind of mail what it is for, and who asked for it.",
    "leaving": "Each mail can be left, or there is a reason why not.",
    "double_opt_in": "Marketing goes to those who confirmed by mail that they want it.",
    "content": "A reviewer looks at a mail: address, contact, a way to leave it, no promotion.",
    "approved": "What goes out was read by two people.",
    "rate_limits": "A form that mails whoever is typed into it is abused within days.",
    "volumes": "AWS asks how the quota was chosen.",
    "quota": "A quota that the volumes do not explain is asked about, or refused.",
    "sender": "Mail is of the domain that was verified.",
    "canary": "Bounces and complaints that nobody hears of are what AWS closes accounts for.",
    "canary_dropped": "Who bounced or complained must not be mailed again.",
    "admins": "An alarm that reaches nobody is none.",
    "tested": "What was tried in the sandbox is said with the ids of its mails.",
    "origins": "Lists that were bought, rented or scraped are forbidden.",
    "account": "Production access is asked for an account in good standing.",
    "governor": "An account that is braking has something to mend first.",
    "rules_reviewed": "Whoever asks has read what he agrees to.",
}
