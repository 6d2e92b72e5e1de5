"""The production checklist, judged from what is recorded: the wanted from the stack file, the proof from the state."""
