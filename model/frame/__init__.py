"""A picture of any size becomes the 28x28 frame that the network reads.

    decoding     an opened picture of any kind to upright grey
    preprocess   the line from grey to the frame
    paper        what is paper and what is ink, and of which polarity
    specks       what is too small and too far to belong to the digit
    pen_width    strokes brought to a usual width
    clutter      a second look: the digit's ink among other ink, and its frame
    strength     how strongly each pixel is inked, dark borders cut off
    lines        straight lines, found and taken out
    parts        connected parts, and which are the digit's
    pixels       frames as 0 to 255 and back
    numbers/     a picture of a number -> the strip that is read

The only room that knows grey levels. Of `model` it imports `errors` alone.
"""
