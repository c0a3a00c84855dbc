"""Template tags and filters used on every page."""

from django import template

register = template.Library()
