// placeholder, replaced by the part's first file
