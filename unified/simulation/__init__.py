"""The production client against simulated venues in virtual time, judged by the venues. Nothing is exported here."""
