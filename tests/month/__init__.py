"""Thirty days of forty senders, good ones and bad ones, on a clock that moves: when does the governor brake?"""
