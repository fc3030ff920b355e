"""Procedural 3D scenes of household objects with exact ground truth, rendered by MuJoCo: images and clips.

A scene (`scene`) places objects of the registry (`registry`) in a tree of nodes (`world`); objects are built of meshes
(`shapes`), materials (`materials`) and mechanisms (`openings`, `handles`, `controls`). `renderer` draws it, `lens`
degrades the picture, `annotation` turns masks into points per action, `clip` lets a hand do an action, `writer`
writes everything in the formats of real data.
"""
