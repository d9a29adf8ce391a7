"""A picture of any size becomes the 28x28 frame that the network reads.

    preprocess   the line from the picture to the frame
    paper        what is paper and what is ink, and of which polarity
    specks       what is too small and too far to belong to the digit
    pen_width    strokes brought to a usual width
    clutter      a second look: the digit's ink among other ink, and its frame
    strength     how strongly each pixel is inked, dark borders cut off
    lines        straight lines, found and taken out
    parts        connected parts, and which are the digit's
    pixels       pictures to grey values, and ink to the 0..255 that is stored and shown

The only room that knows grey levels. It imports nothing of `model` but its errors.
"""
