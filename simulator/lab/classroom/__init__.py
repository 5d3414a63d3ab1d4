"""The class: rooms in which students play on their phones, the teacher's board, and the debrief."""
