"""What is drawn by code, because training needs it and MNIST does not hold it.

    generator     what is drawn how often: drawings by the thousand, and a contact sheet
    strokes       lines, arcs and pens: strokes become a picture
    digits/       the digits, in the handwriting of many countries
    non_digits/   what is no digit
    papers/       digits on the paper that cameras and scanners bring
    numbers/      numbers of several digits, as rows and as strips

Of `model` it may import `frame`, `parallel`, `samples` and `errors`.
"""
