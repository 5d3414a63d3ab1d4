"""The what-if page: change a scenario in the browser and see at once what happens."""
