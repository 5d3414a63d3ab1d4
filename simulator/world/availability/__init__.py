"""When goods could be there, and for whom: the rules that move goods, asked for dates."""
