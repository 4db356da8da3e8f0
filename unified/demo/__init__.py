"""The main job: one strategy on simulated venues that misbehave, judged by those venues."""
